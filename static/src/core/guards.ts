/**
 * What came over the wire, checked before anything else touches it.
 * Extra fields and unknown names of states pass: an old tab must survive a newer server.
 */
import type * as wire from './protocol';

export type Check = (value: unknown) => boolean;
type Fields<T> = { [Key in keyof T]-?: Check };

export const text: Check = (value) => typeof value === 'string';
const whole: Check = (value) => Number.isSafeInteger(value);
const flag: Check = (value) => typeof value === 'boolean';
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const maybe =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
export const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
export const mapOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);
const oneOf =
  (...names: string[]): Check =>
  (value) =>
    names.includes(value as string);

/** An object with these fields; the type says which, so that none is forgotten. */
export function shape<T>(fields: Fields<T>): Check {
  const checks = Object.entries<Check>(fields);
  return (value) => isRecord(value) && checks.every(([name, check]) => check(value[name]));
}

const author = shape<wire.Author>({ kind: text, id: maybe(text), name: text });
const named = shape<wire.NamedRef>({ id: text, name: text });

export const isAttachment = shape<wire.Attachment>({
  id: text,
  name: text,
  content_type: text,
  size: whole,
  width: maybe(whole),
  height: maybe(whole),
});

const noteFields = {
  id: text,
  conversation: text,
  seq: whole,
  version: whole,
  author,
  client_id: maybe(text),
  body: text,
  created_at: text,
  edited_at: maybe(text),
  deleted_at: maybe(text),
};
export const isNote = shape<wire.Note>(noteFields);
export const isMessage = shape<wire.Message>({
  ...noteFields,
  kind: text,
  attachments: list(isAttachment),
});

export const isMember = shape<wire.Member>({ id: text, name: text, role: text, status: text });

export const isThread = shape<wire.Thread>({
  id: text,
  version: whole,
  floor_version: whole,
  state: text,
  last_seq: whole,
  unread: whole,
  end_user_read_seq: whole,
  operator_read_seq: whole,
  operator: maybe(named),
  created_at: text,
  expires_at: maybe(text),
});

const identityFields = { id: text, name: text, email: maybe(text), is_verified: flag };
export const briefFields: Fields<wire.EndUserBrief> = { ...identityFields, is_online: flag };
const lastMessage = shape<wire.LastMessage>({ kind: text, author, body: text, created_at: text });

export const isConversation = shape<wire.Conversation>({
  id: text,
  version: whole,
  note_version: whole,
  floor_version: whole,
  state: text,
  channel: text,
  widget: named,
  end_user: shape<wire.EndUserBrief>(briefFields),
  assignee: maybe(named),
  last_seq: whole,
  unread: whole,
  last_message: maybe(lastMessage),
  end_user_read_seq: whole,
  operator_read_seq: whole,
  waiting_since: maybe(text),
  page_url: maybe(text),
  page_title: maybe(text),
  created_at: text,
  updated_at: text,
  closed_at: maybe(text),
  expires_at: maybe(text),
});

const isSnapshot: Check = (value) =>
  isRecord(value) && ('end_user' in value ? isConversation(value) : isThread(value));

export const isSync = shape<wire.Sync>({
  conversation: text,
  epoch: text,
  version: whole,
  note_version: maybe(whole),
  floor_version: whole,
  mode: oneOf('delta', 'reload'),
  has_earlier: flag,
  messages: list(isMessage),
  notes: list(isNote),
  snapshot: isSnapshot,
});

const messageHolder = shape<{ message: wire.Message }>({ message: isMessage });
const noteHolder = shape<{ note: wire.Note }>({ note: isNote });
const conversationHolder = shape<{ conversation: wire.Conversation }>({ conversation: isConversation });
const threadHolder = shape<{ thread: wire.Thread }>({ thread: isThread });
const memberHolder = shape<{ member: wire.Member }>({ member: isMember });
const typing = shape<wire.TypingEvent['data']>({ conversation: text, author });

type DataOf<T extends wire.EventType> = Extract<wire.ServerEvent, { type: T }>['data'];

const logData: Record<wire.LogEvent['type'], Check> = {
  'message.created': messageHolder,
  'message.updated': messageHolder,
  'note.created': noteHolder,
  'note.updated': noteHolder,
  'conversation.read': shape<wire.ReadEvent['data']>({ reader: oneOf('end_user', 'operator'), seq: whole }),
  'conversation.changed': shape<wire.ChangedEvent['data']>({ state: text, operator: maybe(named) }),
};
const signalData: Record<wire.SignalEvent['type'], Check> = {
  'conversation.updated': conversationHolder,
  'presence.changed': memberHolder,
  'end_user.updated': shape<DataOf<'end_user.updated'>>({
    end_user: shape<DataOf<'end_user.updated'>['end_user']>(identityFields),
    replaces: maybe(text),
  }),
  'typing.started': typing,
  'typing.stopped': typing,
  'availability.changed': shape<{ available: boolean }>({ available: flag }),
  'thread.updated': threadHolder,
};

const stateAnswer: Check = (value) => conversationHolder(value) || threadHolder(value);
const head = shape<wire.Head>({ version: whole, note_version: optional(whole) });

/** The answer of each command. */
export const answerChecks: { [T in wire.CommandType]: Check } = {
  hello: shape<wire.HelloAnswer>({
    epoch: text,
    heartbeat_seconds: whole,
    me: named,
    syncs: list(isSync),
    available: flag,
    ticket: optional(text),
    members: optional(list(isMember)),
  }),
  heartbeat: shape<wire.CommandAnswer<'heartbeat'>>({ heads: mapOf(head), ticket: optional(text) }),
  'conversation.open': isSync,
  'conversation.leave': isRecord,
  'conversation.sync': isSync,
  'message.send': messageHolder,
  'message.edit': messageHolder,
  'message.delete': messageHolder,
  'conversation.read': shape<{ version: number }>({ version: whole }),
  'typing.start': isRecord,
  'typing.stop': isRecord,
  'note.send': noteHolder,
  'conversation.assign': conversationHolder,
  'conversation.close': stateAnswer,
  'conversation.reopen': conversationHolder,
  'conversation.mark_spam': conversationHolder,
  'presence.set': memberHolder,
};

export const isWireError = shape<wire.WireError>({
  code: text,
  message: text,
  retry_after: optional((value) => typeof value === 'number'),
  fields: optional(mapOf(list(text))),
});

const isAnswer: Check = (value) =>
  isRecord(value) &&
  maybe(whole)(value.re) &&
  (value.ok === true ? 'data' in value : value.ok === false && isWireError(value.error));

/** A change that this program cannot read. It still has a number, so the reader knows what to fetch. */
export type Unreadable = { type: 'unreadable'; conversation: wire.Id; version: number };
export type Frame = wire.ServerFrame | Unreadable;

function readEvent(frame: Record<string, unknown>): Frame | null {
  const { type, conversation, version, data } = frame;
  if (typeof type !== 'string') return null;
  if (Object.hasOwn(signalData, type)) {
    return signalData[type as wire.SignalEvent['type']](data) ? (frame as wire.SignalEvent) : null;
  }
  if (typeof conversation !== 'string' || !Number.isSafeInteger(version)) return null;
  const known = Object.hasOwn(logData, type) && logData[type as wire.LogEvent['type']](data);
  return known ? (frame as wire.LogEvent) : { type: 'unreadable', conversation, version: version as number };
}

/** What one text frame of the server holds, in its order: a frame, or several joined in an array. */
export function readFrames(raw: unknown): Frame[] {
  const content = typeof raw === 'string' ? parsed(raw) : undefined;
  return (Array.isArray(content) ? content : [content]).flatMap((frame) => readFrame(frame) ?? []);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Null for what means nothing to this program. */
function readFrame(frame: unknown): Frame | null {
  if (!isRecord(frame)) return null;
  if ('re' in frame) return isAnswer(frame) ? (frame as wire.Answer) : null;
  return readEvent(frame);
}
