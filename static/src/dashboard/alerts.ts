import { type Signal, signal } from '@preact/signals';
import type { Chime } from './chime';
import type { SettingsStore } from './settings';
import type { Tabs } from './tabs';

export type Alert = { conversation: string; title: string; body: string };

/** `waiting`: on, but the browser gives no sound to a page that nobody has clicked since it was loaded. */
export type SoundState = 'off' | 'waiting' | 'on';
export type NotificationState = 'unsupported' | 'default' | 'granted' | 'denied';

export type AlertsOptions = {
  view: Window & { Notification?: typeof Notification };
  settings: SettingsStore;
  tabs: Tabs;
  chime: Chime;
  /** The operator clicked the notification. */
  onOpen(conversation: string): void;
};

/**
 * Sound and notifications for what nobody is looking at. Nothing is asked of the browser before the operator's click
 * on "Turn on sound and alerts". Of all tabs one rings.
 */
export class Alerts {
  readonly sound: Signal<SoundState>;
  readonly notifications: Signal<NotificationState>;
  readonly #options: AlertsOptions;

  constructor(options: AlertsOptions) {
    this.#options = options;
    this.sound = signal('off');
    this.notifications = signal(this.#permission());
    options.settings.settings.subscribe(({ alerts }) => this.#switched(alerts));
  }

  /** Must be called by a click: both the sound and the question need one. */
  async turnOn(): Promise<void> {
    this.#options.settings.change({ alerts: true });
    await this.#unlock();
    this.#options.chime.play();
    if (this.notifications.value === 'default') await this.#options.view.Notification?.requestPermission();
    this.notifications.value = this.#permission();
  }

  turnOff(): void {
    this.#options.settings.change({ alerts: false });
  }

  /** Rings unless a tab shows that conversation to its operator. */
  async raise(alert: Alert): Promise<void> {
    if (!this.#options.settings.settings.value.alerts) return;
    const { tabs, chime } = this.#options;
    const { isWatched, isVisible } = await tabs.whoWatches(alert.conversation);
    if (isWatched) return;
    if (tabs.isLeader) chime.play();
    if (!isVisible) this.#notify(alert);
  }

  #permission(): NotificationState {
    const { Notification } = this.#options.view;
    return Notification ? Notification.permission : 'unsupported';
  }

  #switched(isOn: boolean): void {
    if (!isOn) {
      this.sound.value = 'off';
      this.#options.tabs.stepDown();
    } else if (this.sound.value === 'off') {
      this.sound.value = 'waiting';
      this.#unlockByFirstGesture();
    }
  }

  /** Only a tab whose sound works may become the one that rings. */
  async #unlock(): Promise<void> {
    if (!(await this.#options.chime.unlock())) return;
    this.sound.value = 'on';
    this.#options.tabs.stepUp();
  }

  #unlockByFirstGesture(): void {
    const { view } = this.#options;
    const unlock = async () => {
      if (this.sound.value === 'waiting') await this.#unlock();
      if (this.sound.value === 'waiting') return;
      for (const name of ['pointerdown', 'keydown']) view.removeEventListener(name, unlock);
    };
    for (const name of ['pointerdown', 'keydown']) view.addEventListener(name, unlock);
  }

  /** Every tab may show it: the tag makes them one. The words of customers stay out of the system's own history. */
  #notify({ conversation, title, body }: Alert): void {
    const { Notification } = this.#options.view;
    if (Notification?.permission !== 'granted') return;
    const shown = new Notification(title, { body, tag: conversation });
    shown.onclick = () => {
      this.#options.view.focus();
      shown.close();
      this.#options.onOpen(conversation);
    };
  }
}
