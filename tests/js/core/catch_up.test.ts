import { beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser';
import { settle } from '../support/clock';

let browser: Browser;

beforeEach(() => {
  browser = new Browser();
});

const bodies = () => browser.log.messages.map((one) => one.body);
const asked = (type: string) => browser.line.sent.filter((frame) => frame.type === type).length;
const isBehind = () => {
  const state = browser.states.at(-1);
  return state?.phase === 'online' && state.isBehind === true;
};
/** The next frame gets no answer but the one that the test gives. */
const hold = () => browser.line.losses.push({ question: true, answer: true });

async function loseOne(): Promise<void> {
  browser.server.addMessage('lost');
  await browser.publish(() => false);
  browser.server.addMessage('next');
  hold();
  await browser.publish();
}

describe('a fetch that fails', () => {
  test('on opening is asked again by itself', async () => {
    browser.server.addMessage('there');
    browser.chat.start();
    await settle();
    hold();
    browser.chat.open('c');
    browser.line.refuse('unavailable', { retry_after: 7 });
    await browser.clock.advance(6_999);
    expect(asked('conversation.open')).toBe(1);
    await browser.clock.advance(1);
    expect(bodies()).toEqual(['there']);
  });

  test('in a gap is asked again by itself, ever more rarely', async () => {
    await browser.start();
    await loseOne();
    browser.line.refuse('unavailable');
    await settle();
    hold();
    await browser.clock.advance(2_100);
    expect(asked('conversation.sync')).toBe(2);
    browser.line.refuse('unavailable');
    await browser.clock.advance(4_000);
    expect(asked('conversation.sync')).toBe(2);
    await browser.clock.advance(100);
    expect(bodies()).toEqual(['lost', 'next']);
  });

  test('is not asked again once the conversation is left', async () => {
    await browser.start();
    await loseOne();
    browser.line.refuse('unavailable');
    await settle();
    browser.chat.leave('c');
    await browser.clock.advance(19_000);
    expect(asked('conversation.sync')).toBe(1);
  });

  test('is not asked again beside the hello of a new line', async () => {
    await browser.start();
    await loseOne();
    browser.line.refuse('unavailable', { retry_after: 10 });
    await settle();
    browser.cut();
    await browser.clock.advance(15_000);
    expect(bodies()).toEqual(['lost', 'next']);
    expect(browser.line.sent.map((frame) => frame.type)).toEqual(['hello']);
  });
});

describe('being behind', () => {
  test('is told from the gap to the answer', async () => {
    await browser.start();
    expect(isBehind()).toBe(false);
    await loseOne();
    expect(isBehind()).toBe(true);
    browser.line.answer(browser.server.sync({ version: 0, note_version: 0 }));
    await settle();
    expect(bodies()).toEqual(['lost', 'next']);
    expect(isBehind()).toBe(false);
  });

  test('lasts as long as the fetch is refused', async () => {
    await browser.start();
    await loseOne();
    browser.line.refuse('unavailable', { retry_after: 5 });
    await settle();
    expect(isBehind()).toBe(true);
    await browser.clock.advance(5_000);
    expect(isBehind()).toBe(false);
  });

  test('is not said of a conversation that is opened for the first time', async () => {
    browser.chat.start();
    await settle();
    hold();
    browser.chat.open('c');
    expect(isBehind()).toBe(false);
  });

  test('ends with a conversation that is gone, or left', async () => {
    await browser.start();
    await loseOne();
    browser.line.refuse('not_found');
    await settle();
    expect(isBehind()).toBe(false);
    expect(browser.gone).toEqual(['c']);
  });

  test('after a cut the line is not called up to date before the conversations are', async () => {
    await browser.start();
    browser.cut();
    browser.server.addMessage('one');
    browser.holdsHello = true;
    await browser.clock.advance(4_000);
    const told = browser.states.length;
    hold();
    browser.line.answer({
      epoch: 'e1',
      heartbeat_seconds: 20,
      me: { id: 'op', name: 'N' },
      syncs: [],
      available: true,
    });
    await settle();
    const since = browser.states.slice(told);
    expect(since.length).toBeGreaterThan(0);
    expect(since.every((state) => state.phase === 'online' && state.isBehind)).toBe(true);
    browser.line.answer(browser.server.sync({ version: 0, note_version: 0 }));
    await settle();
    expect(browser.states.at(-1)).toEqual({ phase: 'online' });
    expect(bodies()).toEqual(['one']);
  });
});

describe('a lost acknowledgement', () => {
  test('is said to be not sent yet after ten seconds, and settled by the answer to the resend', async () => {
    await browser.start();
    browser.line.losses.push({ question: false, answer: true });
    browser.chat.send('c', 'hello');
    const states = () => browser.chat.outbox.of('c').map(({ state, failure }) => [state, failure]);
    expect(states()).toEqual([['sending', null]]);
    await browser.clock.advance(10_000);
    expect(states()).toEqual([['waiting', 'timeout']]);
    await browser.clock.advance(2_100);
    expect(states()).toEqual([]);
    expect(browser.server.messages.map((one) => one.body)).toEqual(['hello']);
  });
});
