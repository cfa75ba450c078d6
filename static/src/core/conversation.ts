import type { Unreadable } from './guards';
import type * as wire from './protocol';

/**
 * One conversation as this reader holds it: a copy of the server's log that never guesses.
 * Two lanes are counted apart: the public one by `version`, the operators' notes by `noteVersion`.
 */
export type Log<S extends wire.Snapshot = wire.Snapshot> = {
  readonly id: wire.Id;
  /** null until the first Sync */
  readonly epoch: string | null;
  readonly version: number;
  readonly noteVersion: number;
  readonly floorVersion: number;
  /** Older messages exist on the server. */
  readonly hasEarlier: boolean;
  /** By seq, without a hole from the first to the last. */
  readonly messages: readonly wire.Message[];
  readonly notes: readonly wire.Note[];
  readonly snapshot: S | null;
  /** Changes that came too early, until the gap before them is filled. */
  readonly held: readonly wire.LogEvent[];
};

/** `gap`: something is missing; ask for a Sync after `cursorOf(log)`. */
export type Step<S extends wire.Snapshot = wire.Snapshot> = { log: Log<S>; gap: boolean };

const mostHeld = 200;

export function emptyLog<S extends wire.Snapshot>(id: wire.Id): Log<S> {
  return {
    id,
    epoch: null,
    version: 0,
    noteVersion: 0,
    floorVersion: 0,
    hasEarlier: false,
    messages: [],
    notes: [],
    snapshot: null,
    held: [],
  };
}

export function cursorOf(log: Log): wire.Cursor | null {
  return log.epoch === null ? null : { version: log.version, note_version: log.noteVersion };
}

type Numbered = { id: wire.Id; seq: number; version: number };

/** Puts a thing at its place; of two states of one thing the newer stays. */
function upsert<T extends Numbered>(things: readonly T[], thing: T): readonly T[] {
  const at = things.findLastIndex((other) => other.seq <= thing.seq);
  const found = things[at];
  if (found?.id === thing.id) {
    return found.version >= thing.version ? things : things.with(at, thing);
  }
  return things.toSpliced(at + 1, 0, thing);
}

/** A change of something before the loaded window would tear a hole in it: paging will fetch it whole. */
function isBeforeWindow(log: Log, message: wire.Message): boolean {
  const first = log.messages[0];
  return log.hasEarlier && first !== undefined && message.seq < first.seq;
}

function withMessage<S extends wire.Snapshot>(log: Log<S>, message: wire.Message): Log<S> {
  if (isBeforeWindow(log, message)) return log;
  return { ...log, messages: upsert(log.messages, message) };
}

function isNoteEvent(event: wire.LogEvent): event is wire.NoteEvent {
  return event.type === 'note.created' || event.type === 'note.updated';
}

function versionOfLane(log: Log, event: wire.LogEvent): number {
  return isNoteEvent(event) ? log.noteVersion : log.version;
}

export const isConversation = (snapshot: wire.Snapshot): snapshot is wire.Conversation =>
  'end_user' in snapshot;

function withState(snapshot: wire.Snapshot, { data }: wire.ChangedEvent): wire.Snapshot {
  if (isConversation(snapshot)) return { ...snapshot, state: data.state, assignee: data.operator };
  return { ...snapshot, state: data.state === 'open' ? 'open' : 'closed', operator: data.operator };
}

function withRead(snapshot: wire.Snapshot, { data }: wire.ReadEvent): wire.Snapshot {
  const name = `${data.reader}_read_seq` as const;
  return { ...snapshot, [name]: Math.max(snapshot[name], data.seq) };
}

/** What a change does to the subject's summary. Counts of unread come with the server's own snapshots. */
function changeSnapshot(snapshot: wire.Snapshot, event: wire.LogEvent): wire.Snapshot {
  switch (event.type) {
    case 'message.created':
      return { ...snapshot, last_seq: Math.max(snapshot.last_seq, event.data.message.seq) };
    case 'conversation.read':
      return withRead(snapshot, event);
    case 'conversation.changed':
      return withState(snapshot, event);
    default:
      return snapshot;
  }
}

function nextSnapshot<S extends wire.Snapshot>(log: Log<S>, event: wire.LogEvent): S | null {
  const { snapshot } = log;
  // A snapshot may be newer than the lane: it then holds this change already.
  if (!snapshot || isNoteEvent(event) || event.version <= snapshot.version) return snapshot;
  return { ...changeSnapshot(snapshot, event), version: event.version } as S;
}

function perform<S extends wire.Snapshot>(log: Log<S>, event: wire.LogEvent): Log<S> {
  if (isNoteEvent(event)) {
    return { ...log, notes: upsert(log.notes, event.data.note), noteVersion: event.version };
  }
  const next = { ...log, snapshot: nextSnapshot(log, event), version: event.version };
  return 'message' in event.data ? withMessage(next, event.data.message) : next;
}

function hold<S extends wire.Snapshot>(log: Log<S>, event: wire.LogEvent): Log<S> {
  const known = log.held.some(
    (other) => other.version === event.version && isNoteEvent(other) === isNoteEvent(event),
  );
  if (known || log.held.length >= mostHeld) return log;
  return { ...log, held: [...log.held, event].sort((one, other) => one.version - other.version) };
}

/** Applies what was held and fits now; forgets what is old. */
function release<S extends wire.Snapshot>(log: Log<S>): Step<S> {
  let next: Log<S> = { ...log, held: [] };
  for (const event of log.held) {
    const mine = versionOfLane(next, event);
    if (event.version === mine + 1) next = perform(next, event);
    else if (event.version > mine) next = hold(next, event);
  }
  return { log: next, gap: next.held.length > 0 };
}

/** An event of the log: dropped when old, applied when next, else held while the gap is fetched. */
export function applyEvent<S extends wire.Snapshot>(log: Log<S>, event: wire.LogEvent | Unreadable): Step<S> {
  if (event.type === 'unreadable') return { log, gap: true };
  const mine = versionOfLane(log, event);
  if (log.epoch !== null && event.version <= mine) return { log, gap: false };
  if (log.epoch !== null && event.version === mine + 1) return release(perform(log, event));
  return { log: hold(log, event), gap: true };
}

function reload<S extends wire.Snapshot>(log: Log<S>, sync: wire.Sync<S>): Log<S> {
  return {
    ...log,
    epoch: sync.epoch,
    version: sync.version,
    noteVersion: sync.note_version ?? 0,
    floorVersion: sync.floor_version,
    hasEarlier: sync.has_earlier,
    messages: sync.messages,
    notes: sync.notes,
    snapshot: sync.snapshot,
    // Numbers of another epoch mean other things.
    held: log.epoch === null || log.epoch === sync.epoch ? log.held : [],
  };
}

function delta<S extends wire.Snapshot>(log: Log<S>, sync: wire.Sync<S>): Log<S> {
  const next = sync.messages.reduce<Log<S>>(withMessage, log);
  return {
    ...applySnapshot(next, sync.snapshot),
    notes: sync.notes.reduce<readonly wire.Note[]>(upsert, next.notes),
    version: Math.max(log.version, sync.version),
    noteVersion: Math.max(log.noteVersion, sync.note_version ?? 0),
    floorVersion: Math.max(log.floorVersion, sync.floor_version),
  };
}

/** The answer to `conversation.open` or `conversation.sync`, or one of the hello's. */
export function applySync<S extends wire.Snapshot>(log: Log<S>, sync: wire.Sync<S>): Step<S> {
  if (sync.mode === 'reload' || log.epoch === null) {
    // A change applied while this answer was on its way is lost with the rest: ask once more.
    const overtaken =
      log.epoch === sync.epoch && (log.version > sync.version || log.noteVersion > (sync.note_version ?? 0));
    const step = release(reload(log, sync));
    return { log: step.log, gap: step.gap || overtaken };
  }
  // A delta of another epoch does not fit what is held here.
  if (log.epoch !== sync.epoch) return { log: { ...log, epoch: null }, gap: true };
  return release(delta(log, sync));
}

/** Of two snapshots of one subject the greater (version, note_version) is newer. */
export function isOlder(one: wire.Snapshot, other: wire.Snapshot): boolean {
  if (one.version !== other.version) return one.version < other.version;
  return isConversation(one) && isConversation(other) && one.note_version < other.note_version;
}

/** The whole subject as `thread.updated` or `conversation.updated` brings it: the newest wins. */
export function applySnapshot<S extends wire.Snapshot>(log: Log<S>, snapshot: S): Log<S> {
  return log.snapshot && isOlder(snapshot, log.snapshot) ? log : { ...log, snapshot };
}

/** True when the server is ahead, by its heartbeat or by a snapshot. */
export function isBehind(log: Log, head: wire.Head | wire.Snapshot): boolean {
  const notes = 'note_version' in head ? (head.note_version ?? 0) : 0;
  return head.version > log.version || notes > log.noteVersion;
}

/** A page of older messages, by seq, fetched with `before_seq` = the first loaded one. */
export function applyEarlier<S extends wire.Snapshot>(
  log: Log<S>,
  page: { results: readonly wire.Message[]; has_earlier: boolean },
): Log<S> {
  const whole = { ...log, hasEarlier: false };
  return { ...page.results.reduce<Log<S>>(withMessage, whole), hasEarlier: page.has_earlier };
}

/** The acknowledged message, shown at once; the lane's number moves only by the event itself. */
export function applyAnswer<S extends wire.Snapshot>(log: Log<S>, message: wire.Message): Log<S> {
  return withMessage(log, message);
}

/** The acknowledged note. */
export function applyNoteAnswer<S extends wire.Snapshot>(log: Log<S>, note: wire.Note): Log<S> {
  return { ...log, notes: upsert(log.notes, note) };
}

/** Messages beyond the last one that `before` held. */
export function newerThan(log: Log, before: Log): readonly wire.Message[] {
  const last = before.messages.at(-1)?.seq ?? 0;
  return log.messages.filter((message) => message.seq > last);
}

/** What the other side wrote after this side's read mark, among the loaded messages. */
export function unreadOf(log: Log, side: wire.Reader): number {
  if (!log.snapshot) return 0;
  const mark = log.snapshot[`${side}_read_seq`];
  const other = side === 'operator' ? 'end_user' : 'operator';
  const isUnread = ({ seq, author, deleted_at }: wire.Message) =>
    seq > mark && author.kind === other && deleted_at === null;
  return log.messages.filter(isUnread).length;
}
