import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Attachment } from '../../core/protocol';
import type { DraftStore } from '../../ui/drafts';
import type { Toaster } from '../../ui/Toast';
import type { Uploads } from '../../ui/uploads';
import type { Store } from './store';

/** What every part of the widget may use. */
export type App = {
  store: Store;
  toaster: Toaster;
  drafts: DraftStore;
  /** a window of its own: nothing to close */
  isWindow: boolean;
  uploadsOf(conversation: string): Uploads;
  /** an address of the file that is good for some minutes */
  addressOf(attachment: string): Promise<string>;
  download(attachment: Attachment): Promise<void>;
  saveTranscript(conversation: string): Promise<void>;
};

const context = createContext<App | null>(null);

export const AppProvider = context.Provider;

export function useApp(): App {
  const app = useContext(context);
  if (!app) throw new Error('outside of the widget');
  return app;
}
