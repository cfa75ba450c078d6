import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import { type Draft, Outbox, type Outgoing } from '../../../static/src/core/outbox';
import { memoryStore, type OutboxStore } from '../../../static/src/core/outbox_store';
import { type FakeClock, fakeClock, settle } from '../support/clock';

type Attempt = { item: Outgoing; stored(): Promise<void>; refused(error: unknown): Promise<void> };

let clock: FakeClock;
let store: OutboxStore;
let attempts: Attempt[];
let outbox: Outbox;

function newOutbox(): Outbox {
  let count = 0;
  return new Outbox({
    store,
    clock,
    random: () => 0.5,
    onChange: () => {},
    newId: () => {
      count += 1;
      return `id${count}`;
    },
    send: (item) =>
      new Promise((resolve, reject) => {
        attempts.push({
          item,
          stored() {
            resolve();
            return settle();
          },
          refused(error) {
            reject(error);
            return settle();
          },
        });
      }),
  });
}

const draft = (body: string, conversation = 'c'): Draft => ({
  conversation,
  lane: 'message',
  body,
  attachments: [],
});
const tried = () => attempts.map((attempt) => attempt.item.body);
const states = () => outbox.items.map((item) => item.state);
const attempt = (at: number): Attempt => {
  const found = attempts.at(at);
  if (!found) throw new Error('not tried');
  return found;
};

beforeEach(() => {
  clock = fakeClock();
  store = memoryStore();
  attempts = [];
  outbox = newOutbox();
});

describe('order', () => {
  test('the next leaves when the one before is stored', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    outbox.add(draft('two'));
    await settle();
    expect(tried()).toEqual(['one']);
    await attempt(0).stored();
    expect(tried()).toEqual(['one', 'two']);
    await attempt(1).stored();
    expect(outbox.items).toEqual([]);
  });

  test('one conversation does not wait for another', async () => {
    outbox.resume();
    outbox.add(draft('one', 'a'));
    outbox.add(draft('two', 'b'));
    await settle();
    expect(tried()).toEqual(['one', 'two']);
  });
});

describe('the line', () => {
  test('without one everything waits', async () => {
    outbox.add(draft('one'));
    await settle();
    expect(tried()).toEqual([]);
    expect(states()).toEqual(['waiting']);
  });

  test('back again, it goes once more with the same id', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    outbox.pause();
    expect(states()).toEqual(['waiting']);
    await attempt(0).refused(new Refusal('offline'));
    outbox.resume();
    await settle();
    expect(attempts.map(({ item }) => item.client_id)).toEqual(['id1', 'id1']);
  });

  test('back before the old try has failed: it goes once, not twice at a time', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    outbox.pause();
    outbox.resume();
    await settle();
    expect(attempts).toHaveLength(1);
    await attempt(0).refused(new Refusal('offline'));
    await clock.advance(4_000);
    expect(attempts).toHaveLength(2);
  });
});

describe('refusals', () => {
  test('that pass are tried again by themselves, later ones behind them', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    outbox.add(draft('two'));
    await settle();
    await attempt(0).refused(new Refusal('internal'));
    expect(outbox.items[0]).toMatchObject({ state: 'waiting', failure: 'internal' });
    expect(tried()).toEqual(['one']);
    await clock.advance(2_100);
    expect(tried()).toEqual(['one', 'one']);
    await attempt(1).stored();
    expect(tried()).toEqual(['one', 'one', 'two']);
  });

  test('of somebody too fast wait as long as the server says', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    await attempt(0).refused(new Refusal('rate_limited', '', { retry_after: 9 }));
    await clock.advance(8_999);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(attempts).toHaveLength(2);
  });

  test('while one waits, a new one does not overtake it', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    await attempt(0).refused(new Refusal('unavailable', '', { retry_after: 9 }));
    outbox.add(draft('two'));
    await settle();
    expect(tried()).toEqual(['one']);
  });

  test('that stay need a hand, and hold up nobody', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    outbox.add(draft('two'));
    await settle();
    await attempt(0).refused(new Refusal('invalid'));
    expect(outbox.items[0]).toMatchObject({ state: 'failed', failure: 'invalid' });
    expect(tried()).toEqual(['one', 'two']);
    await attempt(1).stored();
    await clock.advance(60_000);
    expect(tried()).toEqual(['one', 'two']);
    expect(outbox.items.map((item) => item.body)).toEqual(['one']);
  });

  test('by hand: retry keeps the id, discard forgets', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    await attempt(0).refused(new Refusal('forbidden'));
    outbox.retry('id1');
    await settle();
    expect(outbox.items[0]).toMatchObject({ state: 'sending', failure: null });
    expect(attempt(1).item.client_id).toBe('id1');
    await attempt(1).refused(new Refusal('forbidden'));
    outbox.remove('id1');
    expect(outbox.items).toEqual([]);
    expect(await store.all()).toEqual([]);
  });

  test('a retry does not sit out the pause', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    await attempt(0).refused(new Refusal('unavailable', '', { retry_after: 300 }));
    outbox.retry('id1');
    await settle();
    expect(attempts).toHaveLength(2);
  });

  test('a pause that a retry has ended does not shorten the next one', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    await attempt(0).refused(new Refusal('unavailable', '', { retry_after: 10 }));
    outbox.retry('id1');
    await settle();
    await attempt(1).refused(new Refusal('unavailable', '', { retry_after: 300 }));
    await clock.advance(299_000);
    expect(attempts).toHaveLength(2);
  });
});

describe('another page', () => {
  test('takes up in order what was left, and sends it', async () => {
    outbox.add(draft('one'));
    outbox.add(draft('two'));
    outbox = newOutbox();
    outbox.resume();
    await outbox.restore();
    await settle();
    expect(tried()).toEqual(['one']);
    await attempt(0).stored();
    await attempt(1).stored();
    expect(tried()).toEqual(['one', 'two']);
    expect(await store.all()).toEqual([]);
  });

  test('what is older than an hour is not sent behind its writer', async () => {
    outbox.add(draft('yesterday'));
    await clock.advance(3_600_001);
    outbox = newOutbox();
    outbox.resume();
    await outbox.restore();
    await settle();
    expect(tried()).toEqual([]);
    expect(states()).toEqual(['failed']);
  });

  test('a refused one stays refused', async () => {
    outbox.resume();
    outbox.add(draft('one'));
    await settle();
    await attempt(0).refused(new Refusal('invalid'));
    outbox = newOutbox();
    outbox.resume();
    await outbox.restore();
    await settle();
    expect(attempts).toHaveLength(1);
    expect(outbox.items[0]).toMatchObject({ state: 'failed', failure: 'invalid' });
  });

  test('what was written before the restore came is not doubled', async () => {
    outbox.add(draft('one'));
    await outbox.restore();
    expect(outbox.items).toHaveLength(1);
  });

  test('of somebody who turned out to be another person: their words go under that name, with the same ids', async () => {
    const strangers = store;
    const stranger = outbox;
    for (const body of ['one', 'two']) stranger.add(draft(body));
    stranger.add(draft('of another', 'elsewhere'));
    const ids = stranger.of('c').map((item) => item.client_id);
    store = memoryStore();
    const person = newOutbox();
    stranger.handOver(person, new Set(['c']));
    expect((await store.all()).map((item) => item.client_id)).toEqual(ids);
    expect((await strangers.all()).map((item) => item.body)).toEqual(['of another']);
    person.resume();
    await attempt(0).stored();
    await attempt(1).stored();
    expect(attempts.map(({ item }) => item.client_id)).toEqual(ids);
    expect(person.items).toEqual([]);
  });

  test('after a sign-out nothing is left', async () => {
    outbox.add(draft('one'));
    await outbox.clear();
    expect(outbox.items).toEqual([]);
    expect(await store.all()).toEqual([]);
  });
});
