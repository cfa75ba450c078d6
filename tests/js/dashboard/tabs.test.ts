import { describe, expect, test } from 'vitest';
import { Tabs, type TabsOptions } from '../../../static/src/dashboard/tabs';
import { settle } from '../support/clock';

type Look = ReturnType<TabsOptions['look']>;
const hidden: Look = { conversation: null, isVisible: false, isFocused: false };

/** One browser: its tabs hear one another, and its locks are given to one after another. */
class Browser {
  #channels: TabsOptions['channel'][] = [];
  #queue: (() => Promise<unknown>)[] = [];
  #isHeld = false;

  open(look: Look): Tabs {
    const channel: TabsOptions['channel'] = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.#channels) {
          if (other !== channel) queueMicrotask(() => other.onmessage?.({ data } as MessageEvent));
        }
      },
      close: () => {
        this.#channels = this.#channels.filter((other) => other !== channel);
      },
    };
    this.#channels.push(channel);
    const locks = {
      request: (_name: string, hold: () => Promise<unknown>) => {
        this.#queue.push(hold);
        void this.#next();
      },
    } as unknown as LockManager;
    return new Tabs({ channel, locks, look: () => look, wait: settle });
  }

  async #next(): Promise<void> {
    const hold = this.#isHeld ? undefined : this.#queue.shift();
    if (!hold) return;
    this.#isHeld = true;
    await hold();
    this.#isHeld = false;
    await this.#next();
  }
}

describe('Tabs', () => {
  test('the first that steps up leads; when it is gone, the next does', async () => {
    const browser = new Browser();
    const tabs = [hidden, hidden, hidden].map((look) => browser.open(look));
    const leaders = () => tabs.map((tab) => tab.isLeader);
    expect(leaders()).toEqual([false, false, false]);
    for (const tab of tabs) tab.stepUp();
    tabs[0]?.stepUp();
    await settle();
    expect(leaders()).toEqual([true, false, false]);
    tabs[0]?.close();
    await settle();
    expect(leaders()).toEqual([false, true, false]);
  });

  test('who stepped down while waiting is passed over', async () => {
    const browser = new Browser();
    const tabs = [hidden, hidden, hidden].map((look) => browser.open(look));
    for (const tab of tabs) tab.stepUp();
    tabs[1]?.stepDown();
    tabs[0]?.stepDown();
    await settle();
    expect(tabs.map((tab) => tab.isLeader)).toEqual([false, false, true]);
  });

  test('without locks every tab that stepped up leads', () => {
    const channel = { onmessage: null, postMessage() {}, close() {} };
    const tab = new Tabs({ channel, locks: undefined, look: () => hidden });
    expect(tab.isLeader).toBe(false);
    tab.stepUp();
    expect(tab.isLeader).toBe(true);
  });

  test.each([
    ['this tab shows it', [{ conversation: 'c', isVisible: true, isFocused: true }], [true, true]],
    ['another tab shows it', [hidden, { conversation: 'c', isVisible: true, isFocused: true }], [true, true]],
    [
      'a tab shows another one',
      [hidden, { conversation: 'd', isVisible: true, isFocused: true }],
      [false, true],
    ],
    [
      'it is open without focus',
      [hidden, { conversation: 'c', isVisible: true, isFocused: false }],
      [false, true],
    ],
    [
      'it is open in a hidden tab',
      [hidden, { conversation: 'c', isVisible: false, isFocused: false }],
      [false, false],
    ],
    ['there is only this hidden tab', [hidden], [false, false]],
  ] as [string, Look[], [boolean, boolean]][])('%s', async (_name, looks, [isWatched, isVisible]) => {
    const browser = new Browser();
    const [first] = looks.map((look) => browser.open(look));
    expect(await first?.whoWatches('c')).toEqual({ isWatched, isVisible });
  });
});
