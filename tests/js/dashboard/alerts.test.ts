import { type Signal, signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Alerts } from '../../../static/src/dashboard/alerts';
import type { Settings } from '../../../static/src/dashboard/settings';
import type { Tabs, Watch } from '../../../static/src/dashboard/tabs';
import { settle } from '../support/clock';

class FakeNotification {
  static permission: NotificationPermission = 'default';
  static answer: NotificationPermission = 'granted';
  static shown: FakeNotification[] = [];
  static asked = 0;
  onclick: (() => void) | null = null;
  readonly title: string;
  readonly options: NotificationOptions;

  constructor(title: string, options: NotificationOptions) {
    this.title = title;
    this.options = options;
    FakeNotification.shown.push(this);
  }

  static async requestPermission(): Promise<NotificationPermission> {
    FakeNotification.asked += 1;
    FakeNotification.permission = FakeNotification.answer;
    return FakeNotification.permission;
  }

  close(): void {}
}

const alert = { conversation: 'c', title: 'New message', body: 'Ana' };

describe('Alerts', () => {
  let watch: Watch;
  let canPlay: boolean;
  let isLeader: boolean;
  const play = vi.fn();
  const onOpen = vi.fn();
  let settings: { settings: Signal<Settings>; change(change: Partial<Settings>): void };

  function open(stored: Partial<Settings> = {}): Alerts {
    const value = signal<Settings>({ shortcuts: true, enterSends: true, alerts: false, ...stored });
    settings = {
      settings: value,
      change: (change) => {
        value.value = { ...value.value, ...change };
      },
    };
    const tabs = {
      get isLeader() {
        return isLeader;
      },
      stepUp: () => {
        isLeader = true;
      },
      stepDown: () => {
        isLeader = false;
      },
      whoWatches: async () => watch,
    } as unknown as Tabs;
    Object.assign(window, { Notification: FakeNotification });
    return new Alerts({
      view: window as never,
      settings,
      tabs,
      chime: { unlock: async () => canPlay, play },
      onOpen,
    });
  }

  beforeEach(() => {
    watch = { isWatched: false, isVisible: false };
    canPlay = true;
    isLeader = false;
    play.mockClear();
    onOpen.mockClear();
    Object.assign(FakeNotification, { permission: 'default', answer: 'granted', shown: [], asked: 0 });
  });
  afterEach(() => Reflect.deleteProperty(window, 'Notification'));

  test('nothing is asked, rung or shown before the click', async () => {
    const alerts = open();
    await alerts.raise(alert);
    window.dispatchEvent(new Event('pointerdown'));
    await settle();
    expect(FakeNotification.asked).toBe(0);
    expect(FakeNotification.shown).toEqual([]);
    expect(play).not.toHaveBeenCalled();
    expect(alerts.sound.value).toBe('off');
  });

  test('the click turns on sound, asks once, and a later message rings and is shown', async () => {
    const alerts = open();
    await alerts.turnOn();
    expect(alerts.sound.value).toBe('on');
    expect(alerts.notifications.value).toBe('granted');
    expect(FakeNotification.asked).toBe(1);
    play.mockClear();

    await alerts.raise(alert);
    expect(play).toHaveBeenCalledOnce();
    expect(FakeNotification.shown).toHaveLength(1);
    expect(FakeNotification.shown[0]).toMatchObject({
      title: 'New message',
      options: { body: 'Ana', tag: 'c' },
    });
    FakeNotification.shown[0]?.onclick?.();
    expect(onOpen).toHaveBeenCalledExactlyOnceWith('c');
  });

  test('what somebody looks at does not ring', async () => {
    const alerts = open();
    await alerts.turnOn();
    play.mockClear();
    watch = { isWatched: true, isVisible: true };
    await alerts.raise(alert);
    expect(play).not.toHaveBeenCalled();
    expect(FakeNotification.shown).toEqual([]);
  });

  test('while a tab is in sight it rings without a notification', async () => {
    const alerts = open();
    await alerts.turnOn();
    play.mockClear();
    watch = { isWatched: false, isVisible: true };
    await alerts.raise(alert);
    expect(play).toHaveBeenCalledOnce();
    expect(FakeNotification.shown).toEqual([]);
  });

  test('a tab that does not lead stays silent', async () => {
    const alerts = open();
    await alerts.turnOn();
    play.mockClear();
    isLeader = false;
    await alerts.raise(alert);
    expect(play).not.toHaveBeenCalled();
  });

  test('turned on earlier: silent until the first gesture on the new page', async () => {
    canPlay = false;
    const alerts = open({ alerts: true });
    expect(alerts.sound.value).toBe('waiting');
    window.dispatchEvent(new Event('keydown'));
    await settle();
    expect(alerts.sound.value).toBe('waiting');
    canPlay = true;
    window.dispatchEvent(new Event('pointerdown'));
    await settle();
    expect(alerts.sound.value).toBe('on');
    expect(isLeader).toBe(true);
    expect(FakeNotification.asked).toBe(0);
  });

  test('a refusal of the browser is known', async () => {
    FakeNotification.answer = 'denied';
    const alerts = open();
    await alerts.turnOn();
    expect(alerts.notifications.value).toBe('denied');
    await alerts.raise(alert);
    expect(FakeNotification.shown).toEqual([]);
  });

  test('turning off, here or in another tab, ends it', async () => {
    const alerts = open();
    await alerts.turnOn();
    play.mockClear();
    alerts.turnOff();
    expect(alerts.sound.value).toBe('off');
    expect(isLeader).toBe(false);
    await alerts.raise(alert);
    expect(play).not.toHaveBeenCalled();
  });
});
