import { describe, expect, test } from 'vitest';
import { applySync, emptyLog } from '../../../static/src/core/conversation';
import type { Outgoing } from '../../../static/src/core/outbox';
import type { Author, Conversation, Sync } from '../../../static/src/core/protocol';
import { type BubbleItem, type TimelineItem, timelineOf } from '../../../static/src/core/timeline';
import { conversation, endUser, message, nobody, note, operator, sync } from '../support/shapes';

const at = (minute: number, day = 23) => new Date(2026, 10, day, 14, minute).toISOString();

function timeline(more: Partial<Sync<Conversation>>, outgoing: Outgoing[] = [], me: Author = operator) {
  return timelineOf(applySync(emptyLog<Conversation>('c'), sync(more)).log, outgoing, me);
}

function pending(more: Partial<Outgoing> = {}): Outgoing {
  return {
    client_id: 'pending',
    conversation: 'c',
    lane: 'message',
    body: 'soon',
    attachments: [],
    created_at: at(9),
    state: 'sending',
    failure: null,
    ...more,
  };
}

const kinds = (items: TimelineItem[]) => items.map((item) => item.kind);
const bubbles = (items: TimelineItem[]) => items.filter((item): item is BubbleItem => item.kind === 'bubble');

test('a line stands before the first message of each day', () => {
  const items = timeline({
    messages: [
      message(1, { created_at: at(1, 22) }),
      message(2, { created_at: at(1) }),
      message(3, { created_at: at(2) }),
    ],
  });
  expect(kinds(items)).toEqual(['day', 'bubble', 'day', 'bubble', 'bubble']);
});

test('notes stand where they were written; both keep their own order', () => {
  const items = timeline({
    messages: [message(1, { created_at: at(1) }), message(2, { created_at: at(5) })],
    notes: [note(1, { created_at: at(3) }), note(2, { created_at: at(7) })],
  });
  expect(kinds(items)).toEqual(['day', 'bubble', 'note', 'bubble', 'note']);
});

test('positions rule, not clocks: a message with an earlier time stays where its number puts it', () => {
  const items = timeline({
    messages: [message(1, { created_at: at(5) }), message(2, { created_at: at(4) })],
  });
  expect(bubbles(items).map((item) => item.seq)).toEqual([1, 2]);
});

describe('runs', () => {
  const ends = (items: TimelineItem[]) => bubbles(items).map(({ opens, closes }) => [opens, closes]);

  test('hold what one person says within five minutes', () => {
    const items = timeline({
      messages: [0, 2, 4, 10].map((minute, index) => message(index + 1, { created_at: at(minute) })),
    });
    expect(ends(items)).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [true, true],
    ]);
  });

  test('go on when their end-user turned out to be a known customer', () => {
    const customer = { ...endUser, id: 'customer', name: 'Ana Lopez' };
    const messages = [endUser, customer].map((author, index) =>
      message(index + 1, { author, created_at: at(index) }),
    );
    expect(ends(timeline({ messages }))).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('end where another person, a note, a day or a system line comes', () => {
    const colleague = { ...operator, id: 'other' };
    const authors = [operator, colleague, operator, nobody, operator];
    const messages = authors.map((author, index) =>
      message(index + 1, { author, kind: author === nobody ? 'system' : 'text', created_at: at(index) }),
    );
    expect(ends(timeline({ messages })).every(([opens, closes]) => opens && closes)).toBe(true);
    const parted = timeline({
      messages: [message(1, { created_at: at(1) }), message(2, { created_at: at(3) })],
      notes: [note(1, { created_at: at(2) })],
    });
    expect(ends(parted)).toEqual([
      [true, true],
      [true, true],
    ]);
  });
});

describe('sides', () => {
  const messages = [message(1, { author: endUser }), message(2, { author: operator })];

  test('are those of the reader', () => {
    expect(bubbles(timeline({ messages })).map((item) => item.isOwn)).toEqual([false, true]);
    expect(bubbles(timeline({ messages }, [], endUser)).map((item) => item.isOwn)).toEqual([true, false]);
  });

  test('only own messages say how far they got', () => {
    const own = [message(1, { author: operator }), message(2, { author: operator }), message(3)];
    const items = timeline({
      messages: own,
      snapshot: conversation({ end_user_read_seq: 1, operator_read_seq: 3 }),
    });
    expect(bubbles(items).map((item) => item.delivery)).toEqual(['read', 'sent', null]);
  });
});

describe('what is not stored yet', () => {
  test('stands at the end with its state', () => {
    const items = timeline({ messages: [message(1)] }, [pending({ state: 'failed', failure: 'invalid' })]);
    expect(items.at(-1)).toMatchObject({
      key: 'pending',
      id: null,
      delivery: 'failed',
      failure: 'invalid',
      isOwn: true,
    });
  });

  test('keeps its key when it is stored, and is not drawn twice', () => {
    const stored = message(1, { author: operator, client_id: 'pending' });
    const items = timeline({ messages: [stored] }, [pending()]);
    expect(bubbles(items).map((item) => [item.key, item.id])).toEqual([['pending', 'm1']]);
  });

  test('joins the run of its writer, not that of a colleague', () => {
    const messages = [message(1, { author: operator, created_at: at(8) })];
    expect(bubbles(timeline({ messages }, [pending()]))[1]?.opens).toBe(false);
    const colleague = { ...operator, id: 'other' };
    expect(bubbles(timeline({ messages }, [pending()], colleague))[1]?.opens).toBe(true);
  });

  test('a note waits as a note', () => {
    expect(kinds(timeline({}, [pending({ lane: 'note' })]))).toEqual(['day', 'note']);
  });
});

test('a system line carries its code, a deleted message its absence', () => {
  const items = timeline({
    messages: [
      message(1, { kind: 'system', author: nobody, body: 'closed' }),
      message(2, { body: '', deleted_at: at(1) }),
    ],
  });
  expect(items[1]).toMatchObject({ kind: 'system', code: 'closed' });
  expect(items[2]).toMatchObject({ kind: 'bubble', isDeleted: true });
});
