import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../../static/src/core/protocol';
import { Browser } from '../support/browser';
import { settle } from '../support/clock';
import { conversation, message, operator } from '../support/shapes';

let browser: Browser;

beforeEach(() => {
  browser = new Browser();
});

const bodies = () => browser.log.messages.map((one) => one.body);

describe('an open conversation', () => {
  test('is loaded, then followed', async () => {
    browser.server.addMessage('before');
    await browser.start();
    expect(bodies()).toEqual(['before']);
    browser.server.addMessage('after');
    await browser.publish();
    expect(bodies()).toEqual(['before', 'after']);
  });

  test('opened before the line is up, it is loaded when it is', async () => {
    browser.server.addMessage('before');
    browser.chat.open('c');
    browser.chat.start();
    await settle();
    expect(bodies()).toEqual(['before']);
  });

  test('a lost event is fetched when the next one shows the gap', async () => {
    await browser.start();
    browser.server.addMessage('lost');
    await browser.publish(() => false);
    browser.server.addMessage('next');
    await browser.publish();
    expect(bodies()).toEqual(['lost', 'next']);
  });

  test('a lost event with nothing after it is fetched at the heartbeat, within 20 s', async () => {
    await browser.start();
    browser.server.addMessage('lost');
    await browser.publish(() => false);
    expect(bodies()).toEqual([]);
    await browser.clock.advance(20_000);
    expect(bodies()).toEqual(['lost']);
  });

  test('after a cut the hello brings what was missed, and only that', async () => {
    browser.server.addMessage('one');
    await browser.start();
    browser.cut();
    browser.server.addMessage('two');
    await browser.clock.advance(5_000);
    expect(bodies()).toEqual(['one', 'two']);
    expect(browser.line.sent.map((frame) => frame.type)).toEqual(['hello']);
  });

  test('the hello tells the epoch that the cursors belong to', async () => {
    await browser.start();
    browser.cut();
    await browser.clock.advance(5_000);
    expect(browser.line.sent[0]?.data).toMatchObject({
      epoch: 'e1',
      cursors: { c: { version: 0, note_version: 0 } },
    });
  });

  test('an event that overtakes the hello, with a gap before it, is fetched once the line is up', async () => {
    await browser.start();
    browser.cut();
    browser.server.addMessage('one');
    const stale = browser.server.sync({ version: 0, note_version: 0 });
    browser.server.addMessage('two');
    browser.server.addMessage('three');
    browser.holdsHello = true;
    await browser.clock.advance(4_000);
    const line = browser.line;
    line.push(browser.server.events[2]);
    line.answer({
      epoch: 'e1',
      heartbeat_seconds: 20,
      me: { id: 'op', name: 'N' },
      syncs: [stale],
      available: true,
    });
    await settle();
    expect(bodies()).toEqual(['one', 'two', 'three']);
  });

  test('however many gaps are seen, one fetch is under way', async () => {
    await browser.start();
    browser.line.losses.push({ question: true, answer: true });
    for (let count = 0; count < 5; count += 1) browser.server.addMessage(`${count}`);
    await browser.publish((event) => event.version > 1);
    const fetches = () => browser.line.sent.filter((frame) => frame.type === 'conversation.sync');
    expect(fetches()).toHaveLength(1);
    await browser.clock.advance(20_000);
    expect(bodies()).toHaveLength(5);
    expect(fetches()).toHaveLength(2);
  });

  test('a restored database: another epoch, everything anew', async () => {
    browser.server.addMessage('kept');
    browser.server.addMessage('lost in the restore');
    await browser.start();
    browser.cut();
    browser.server.epoch = 'e2';
    browser.server.messages = browser.server.messages.slice(0, 1);
    browser.server.version = 1;
    await browser.clock.advance(5_000);
    expect(bodies()).toEqual(['kept']);
  });

  test('a snapshot that is ahead is no alarm at once, and fetched if it stays ahead', async () => {
    await browser.start();
    browser.server.addMessage('lost');
    await browser.publish(() => false);
    browser.line.push({ type: 'conversation.updated', data: { conversation: browser.server.snapshot } });
    await settle();
    expect(bodies()).toEqual([]);
    await browser.clock.advance(2_000);
    expect(bodies()).toEqual(['lost']);
  });

  test('what exists no longer is closed and told', async () => {
    browser.chat.start();
    await settle();
    browser.line.losses.push({ question: true, answer: true });
    browser.chat.open('c');
    browser.line.refuse('not_found');
    await settle();
    expect(browser.gone).toEqual(['c']);
    expect(browser.chat.log('c')).toBeUndefined();
  });

  test('left, it is neither followed nor resumed', async () => {
    await browser.start();
    browser.chat.leave('c');
    browser.server.addMessage('unheard');
    await browser.publish();
    expect(browser.chat.log('c')).toBeUndefined();
    browser.cut();
    await browser.clock.advance(5_000);
    expect(browser.line.sent[0]?.data).toMatchObject({ cursors: {} });
  });

  test('news are what comes after loading, from the line or from a fetch', async () => {
    browser.server.addMessage('history');
    await browser.start();
    expect(browser.news).toEqual([]);
    browser.server.addMessage('live');
    await browser.publish((event) => event.version > 1);
    browser.cut();
    browser.server.addMessage('missed');
    await browser.clock.advance(5_000);
    expect(browser.news.map((one) => one.body)).toEqual(['live', 'missed']);
  });

  test('a change that cannot be read is fetched', async () => {
    await browser.start();
    browser.server.addMessage('from a newer server');
    await browser.publish(() => false);
    browser.line.push({ type: 'message.created', conversation: 'c', version: 1, data: {} });
    await settle();
    expect(bodies()).toEqual(['from a newer server']);
  });
});

describe('sending', () => {
  test('stands in the outbox until it is stored, then in the log, never in both', async () => {
    await browser.start();
    browser.chat.send('c', 'hello');
    expect(browser.chat.outbox.of('c').map((item) => item.state)).toEqual(['sending']);
    await browser.publish();
    expect(browser.chat.outbox.items).toEqual([]);
    expect(bodies()).toEqual(['hello']);
  });

  test('a lost acknowledgement: the resend is recognised', async () => {
    await browser.start();
    browser.line.losses.push({ question: false, answer: true });
    browser.chat.send('c', 'hello');
    await settle();
    browser.cut();
    await browser.clock.advance(5_000);
    expect(browser.server.messages.map((one) => one.body)).toEqual(['hello']);
    expect(bodies()).toEqual(['hello']);
    expect(browser.chat.outbox.items).toEqual([]);
  });

  test('written offline, sent in order when the line is back', async () => {
    await browser.start();
    browser.cut();
    browser.chat.send('c', 'one');
    browser.chat.send('c', 'two');
    expect(browser.chat.outbox.of('c').map((item) => item.state)).toEqual(['waiting', 'waiting']);
    await browser.clock.advance(5_000);
    expect(browser.server.messages.map((one) => one.body)).toEqual(['one', 'two']);
  });
});

describe('typing', () => {
  const started = { type: 'typing.started', data: { conversation: 'c', author: operator } };

  test('is forgotten after 6 s, and when their message is here', async () => {
    await browser.start();
    browser.line.push(started);
    expect(browser.chat.typists('c')).toEqual([operator]);
    await browser.clock.advance(6_000);
    expect(browser.chat.typists('c')).toEqual([]);

    browser.line.push(started);
    browser.server.addMessage('here', null, operator);
    await browser.publish();
    expect(browser.chat.typists('c')).toEqual([]);
  });

  test('one is told once every 4 s, and the stop once', async () => {
    await browser.start();
    const told = () =>
      browser.line.sent.map((frame) => frame.type).filter((type) => type.startsWith('typing'));
    browser.chat.typing('c');
    browser.chat.typing('c');
    expect(told()).toEqual(['typing.start']);
    await browser.clock.advance(4_000);
    browser.chat.typing('c');
    expect(told()).toEqual(['typing.start', 'typing.start']);
    await browser.clock.advance(5_000);
    expect(told()).toEqual(['typing.start', 'typing.start', 'typing.stop']);
    browser.chat.stopTyping();
    expect(told()).toHaveLength(3);
  });
});

describe('reading', () => {
  const asked = () => browser.line.sent.filter((frame) => frame.type === 'conversation.read').length;

  test('each step forward is told once', async () => {
    await browser.start();
    browser.chat.markRead('c', 2);
    browser.chat.markRead('c', 2);
    browser.chat.markRead('c', 1);
    expect(asked()).toBe(1);
    browser.chat.markRead('c', 3);
    expect(asked()).toBe(2);
  });

  test('what failed may be told again', async () => {
    await browser.start();
    browser.line.losses.push({ question: true, answer: true });
    browser.chat.markRead('c', 2);
    await browser.clock.advance(10_000);
    browser.chat.markRead('c', 2);
    expect(asked()).toBe(2);
  });
});

describe('earlier messages', () => {
  test('are asked for once at a time and join in front', async () => {
    await browser.start();
    browser.server.addMessage('newest');
    await browser.publish();
    let asked = 0;
    browser.earlier = async () => {
      asked += 1;
      return { results: [message(0, { id: 'm0' })], has_earlier: false };
    };
    await Promise.all([browser.chat.earlier('c'), browser.chat.earlier('c')]);
    expect(asked).toBe(1);
    expect(browser.log.messages.map((one) => one.seq)).toEqual([0, 1]);
  });

  test('a page that a reload has overtaken is not joined to the new window', async () => {
    browser.server.addMessage('one');
    await browser.start();
    let give: (page: { results: Message[]; has_earlier: boolean }) => void = () => {};
    browser.earlier = () => new Promise((resolve) => (give = resolve));
    const paging = browser.chat.earlier('c');
    browser.cut();
    browser.server.epoch = 'e2';
    browser.server.messages = [message(9, { id: 'other', version: 1 })];
    await browser.clock.advance(5_000);
    give({ results: [message(0, { id: 'm0' })], has_earlier: false });
    await paging;
    expect(browser.log.messages.map((one) => one.id)).toEqual(['other']);
  });
});

test('snapshots of other conversations are handed on', async () => {
  await browser.start();
  const other = conversation({ id: 'other' });
  browser.line.push({ type: 'conversation.updated', data: { conversation: other } });
  expect(browser.signals).toEqual([{ type: 'conversation.updated', data: { conversation: other } }]);
});

describe('whatever the network does', () => {
  const steps = {
    send: (one: Browser, turn: number) => void one.chat.send('c', `mine ${turn}`),
    other: (one: Browser, turn: number) => void one.server.addMessage(`theirs ${turn}`),
    edit: (one: Browser) => one.server.edit(),
    note: (one: Browser) => one.server.addNote(),
    cut: (one: Browser) => one.cut(),
    vanish: (one: Browser) => {
      one.isReachable = false;
    },
    return: (one: Browser) => {
      one.isReachable = true;
    },
    'lose a question': (one: Browser) => void one.lines.at(-1)?.losses.push({ question: true, answer: true }),
    'lose an answer': (one: Browser) => void one.lines.at(-1)?.losses.push({ question: false, answer: true }),
    restore: (one: Browser) => {
      one.server.epoch += '+';
      one.cut();
    },
  };
  const script = fc.array(
    fc.record({
      doing: fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])),
      hears: fc.boolean(),
      wait: fc.constantFrom(0, 0, 50, 3_000, 21_000),
    }),
    { minLength: 1, maxLength: 40 },
  );

  test('everything written arrives once, in order, and the reader ends where the server is', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (turns) => {
        const one = new Browser();
        await one.start();
        for (const [turn, { doing, hears, wait }] of turns.entries()) {
          steps[doing](one, turn);
          await one.publish(() => hears);
          await one.clock.advance(wait);
        }
        one.isReachable = true;
        for (const line of one.lines) line.losses.splice(0);
        await one.clock.advance(180_000);
        await one.publish();

        const written = turns.flatMap(({ doing }, turn) => (doing === 'send' ? [`mine ${turn}`] : []));
        const stored = one.server.messages.map(({ body }) => body.replace(/(, edited)+$/, ''));
        expect(stored.filter((body) => body.startsWith('mine'))).toEqual(written);
        expect(one.chat.outbox.items).toEqual([]);
        expect(one.log.messages).toEqual(one.server.messages);
        expect(one.log.notes).toEqual(one.server.notes);
        one.chat.stop();
      }),
      { numRuns: 150 },
    );
  });
});
