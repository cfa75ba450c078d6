import type { I18n } from '../../core/i18n';
import type { OutboxStore } from '../../core/outbox_store';
import type { Id } from '../../core/protocol';
import type { SocketOptions } from '../../core/socket';
import type { WidgetConfig } from '../config';
import type { Page, Profile } from '../frame_protocol';
import type { Bridge } from './bridge';
import type { Identity } from './identity';
import type { VisitorApi } from './visitor_api';

/** Everything that the store needs of the world, so that tests can stand in for it. */
export type StoreOptions = {
  config: WidgetConfig;
  api: VisitorApi;
  identity: Identity;
  bridge: Bridge;
  /** One store for each person, so that nobody sends another's words. */
  outboxOf(endUser: Id): OutboxStore;
  /** Remembers a choice in this browser; only called once there is a session. */
  remember(locale: string): void;
  /** Forgets what `remember` and drafts have left. */
  clear(): void;
  speak(tag: string): Promise<I18n>;
  i18n: I18n;
  page: Page | null;
  profile: Profile;
  isOpen: boolean;
  hasIdentity: boolean;
  connect?: SocketOptions['connect'];
  newId?: () => Id;
};
