import type { Log } from './conversation';
import { dayKey } from './dates';
import type { FailureCode } from './errors';
import type { Outgoing } from './outbox';
import type { Attachment, Author, Id, Message, Note, Reader, Timestamp } from './protocol';

export type DeliveryState = 'sending' | 'waiting' | 'failed' | 'sent' | 'read';

/** One message as it is drawn. Flat, so that two drawings can be compared field by field. */
export type BubbleItem = {
  kind: 'bubble';
  /** stays when the optimistic bubble becomes the stored message */
  key: string;
  /** null until it is stored */
  id: Id | null;
  seq: number | null;
  author: Author;
  /** written by this side: drawn at the end side */
  isOwn: boolean;
  body: string;
  attachments: readonly Attachment[];
  at: Timestamp;
  isEdited: boolean;
  isDeleted: boolean;
  /** null for what the other side wrote */
  delivery: DeliveryState | null;
  failure: FailureCode | null;
  /** first and last of a run by one author */
  opens: boolean;
  closes: boolean;
};

export type NoteItem = {
  kind: 'note';
  key: string;
  id: Id | null;
  author: Author;
  body: string;
  at: Timestamp;
  isEdited: boolean;
  isDeleted: boolean;
  delivery: DeliveryState;
  failure: FailureCode | null;
};

export type SystemItem = { kind: 'system'; key: string; code: string; author: Author; at: Timestamp };
export type DayItem = { kind: 'day'; key: string; at: Timestamp };
export type TimelineItem = BubbleItem | NoteItem | SystemItem | DayItem;

const groupMilliseconds = 5 * 60_000;

function bubbleOf(message: Message, side: Reader, readSeq: number): BubbleItem {
  const isOwn = message.author.kind === side;
  const reached = message.seq <= readSeq ? 'read' : 'sent';
  return {
    kind: 'bubble',
    key: message.client_id ?? message.id,
    id: message.id,
    seq: message.seq,
    author: message.author,
    isOwn,
    body: message.body,
    attachments: message.attachments,
    at: message.created_at,
    isEdited: message.edited_at !== null,
    isDeleted: message.deleted_at !== null,
    delivery: isOwn ? reached : null,
    failure: null,
    opens: true,
    closes: true,
  };
}

function itemOf(message: Message, side: Reader, readSeq: number): BubbleItem | SystemItem {
  if (message.kind !== 'system') return bubbleOf(message, side, readSeq);
  const { id, body, author, created_at } = message;
  return { kind: 'system', key: id, code: body, author, at: created_at };
}

function noteItemOf(note: Note): NoteItem {
  return {
    kind: 'note',
    key: note.client_id ?? note.id,
    id: note.id,
    author: note.author,
    body: note.body,
    at: note.created_at,
    isEdited: note.edited_at !== null,
    isDeleted: note.deleted_at !== null,
    delivery: 'sent',
    failure: null,
  };
}

function outgoingItem(item: Outgoing, author: Author): BubbleItem | NoteItem {
  const common = {
    key: item.client_id,
    id: null,
    author,
    body: item.body,
    at: item.created_at,
    isEdited: false,
    isDeleted: false,
    delivery: item.state,
    failure: item.failure,
  };
  if (item.lane === 'note') return { kind: 'note', ...common };
  const { attachments } = item;
  return { kind: 'bubble', ...common, seq: null, isOwn: true, attachments, opens: true, closes: true };
}

type Timed = { at: Timestamp };

/** Both in their own order; a note comes after what was written before it. */
function interleave<A extends Timed, B extends Timed>(
  messages: readonly A[],
  notes: readonly B[],
): (A | B)[] {
  const merged: (A | B)[] = [];
  let next = 0;
  for (const message of messages) {
    for (; next < notes.length; next += 1) {
      const note = notes[next];
      if (!note || note.at >= message.at) break;
      merged.push(note);
    }
    merged.push(message);
  }
  return merged.concat(notes.slice(next));
}

/** A conversation has one end-user, also when they were somebody else to us while they wrote the first half. */
export function isSameAuthor(one: Author, other: Author): boolean {
  return one.kind === other.kind && (one.kind === 'end_user' || one.id === other.id);
}

function joins(one: TimelineItem | undefined, other: TimelineItem | undefined): boolean {
  if (one?.kind !== 'bubble' || other?.kind !== 'bubble') return false;
  const apart = Math.abs(Date.parse(other.at) - Date.parse(one.at));
  return isSameAuthor(one.author, other.author) && apart <= groupMilliseconds;
}

function withDays(items: readonly Exclude<TimelineItem, DayItem>[]): TimelineItem[] {
  let last = '';
  return items.flatMap((item) => {
    const day = dayKey(item.at);
    if (day === last) return [item];
    last = day;
    return [{ kind: 'day', key: `day ${day}`, at: item.at }, item];
  });
}

function grouped(items: readonly TimelineItem[]): TimelineItem[] {
  return items.map((item, index) => {
    if (item.kind !== 'bubble') return item;
    return { ...item, opens: !joins(items[index - 1], item), closes: !joins(item, items[index + 1]) };
  });
}

/**
 * Everything of a conversation in the order in which it is drawn.
 * `me` reads it and writes what is outgoing; its kind says which side is the own one.
 */
export function timelineOf(log: Log, outgoing: readonly Outgoing[], me: Author): TimelineItem[] {
  const side = me.kind === 'operator' ? 'operator' : 'end_user';
  const other = side === 'operator' ? 'end_user' : 'operator';
  const readSeq = log.snapshot?.[`${other}_read_seq`] ?? 0;
  const stored = interleave(
    log.messages.map((message) => itemOf(message, side, readSeq)),
    log.notes.map(noteItemOf),
  );
  const known = new Set(stored.map((item) => item.key));
  const pending = outgoing.filter((item) => !known.has(item.client_id)).map((item) => outgoingItem(item, me));
  return grouped(withDays([...stored, ...pending]));
}
