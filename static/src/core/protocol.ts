/**
 * The wire between browser and server, as docs/realtime.md states it: shapes, events, commands.
 * Names are the server's own; nothing is renamed on the way in.
 */

// Shapes ---------------------------------------------------------------------------------------

/** A UUID in text. */
export type Id = string;
/** ISO 8601 in UTC with milliseconds and `Z`. */
export type Timestamp = string;

export type AuthorKind = 'end_user' | 'operator' | 'system';
export type Author = { kind: AuthorKind; id: Id | null; name: string };
export type NamedRef = { id: Id; name: string };

export type Attachment = {
  id: Id;
  name: string;
  content_type: string;
  /** bytes */
  size: number;
  width: number | null;
  height: number | null;
};

export type MessageKind = 'text' | 'files' | 'system';
/** Bodies of messages of the kind `system`. */
export type SystemCode = 'closed' | 'reopened';

export type Message = {
  id: Id;
  conversation: Id;
  seq: number;
  version: number;
  kind: MessageKind;
  author: Author;
  client_id: Id | null;
  body: string;
  attachments: Attachment[];
  created_at: Timestamp;
  edited_at: Timestamp | null;
  deleted_at: Timestamp | null;
};

export type Note = {
  id: Id;
  conversation: Id;
  seq: number;
  version: number;
  author: Author;
  client_id: Id | null;
  body: string;
  created_at: Timestamp;
  edited_at: Timestamp | null;
  deleted_at: Timestamp | null;
};

export type Role = 'owner' | 'admin' | 'operator';
export type PresenceStatus = 'online' | 'busy' | 'away' | 'offline';
export type Member = { id: Id; name: string; role: Role; status: PresenceStatus };

export type ThreadState = 'open' | 'closed';
export type ConversationState = 'open' | 'closed' | 'spam';

/** A conversation as its end-user sees it. */
export type Thread = {
  id: Id;
  version: number;
  floor_version: number;
  state: ThreadState;
  last_seq: number;
  unread: number;
  end_user_read_seq: number;
  operator_read_seq: number;
  operator: NamedRef | null;
  created_at: Timestamp;
  expires_at: Timestamp | null;
};

export type EndUserBrief = {
  id: Id;
  name: string;
  email: string | null;
  is_verified: boolean;
  is_online: boolean;
};

/** `body` is cut to 140 characters. */
export type LastMessage = { kind: MessageKind; author: Author; body: string; created_at: Timestamp };

/** A conversation as operators see it. */
export type Conversation = {
  id: Id;
  version: number;
  note_version: number;
  floor_version: number;
  state: ConversationState;
  channel: 'widget';
  widget: NamedRef;
  end_user: EndUserBrief;
  assignee: NamedRef | null;
  last_seq: number;
  unread: number;
  last_message: LastMessage | null;
  end_user_read_seq: number;
  operator_read_seq: number;
  waiting_since: Timestamp | null;
  page_url: string | null;
  page_title: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  closed_at: Timestamp | null;
  expires_at: Timestamp | null;
};

export type PageView = { url: string; title: string; at: Timestamp };
export type Visit = {
  id: Id;
  started_at: Timestamp;
  last_seen_at: Timestamp;
  browser: string | null;
  device: string | null;
  referrer_host: string | null;
  pages: PageView[];
};
export type EarlierConversation = {
  id: Id;
  state: ConversationState;
  last_message_body: string | null;
  created_at: Timestamp;
};
export type EndUser = EndUserBrief & {
  first_name: string | null;
  last_name: string | null;
  phone: string | null;
  external_id: string | null;
  attributes: Record<string, string>;
  locale: string | null;
  created_at: Timestamp;
  expires_at: Timestamp | null;
  notice_accepted_at: Timestamp | null;
  visits: Visit[];
  conversations: EarlierConversation[];
};

export type Snapshot = Thread | Conversation;

export type Sync<S extends Snapshot = Snapshot> = {
  conversation: Id;
  epoch: string;
  version: number;
  note_version: number | null;
  floor_version: number;
  /** reload: throw away what you have, take this. */
  mode: 'delta' | 'reload';
  has_earlier: boolean;
  messages: Message[];
  notes: Note[];
  snapshot: S;
};

export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_live'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'unsupported_type'
  | 'rate_limited'
  | 'internal'
  | 'unavailable';

export type WireError = {
  code: ErrorCode;
  message: string;
  /** seconds */
  retry_after?: number | null;
  fields?: Record<string, string[]> | null;
};

// Server frames --------------------------------------------------------------------------------

type Logged<Type extends string, Data> = { type: Type; conversation: Id; version: number; data: Data };
type Unlogged<Type extends string, Data> = { type: Type; data: Data };

export type MessageEvent =
  | Logged<'message.created', { message: Message }>
  | Logged<'message.updated', { message: Message }>;
export type NoteEvent = Logged<'note.created', { note: Note }> | Logged<'note.updated', { note: Note }>;
export type Reader = 'end_user' | 'operator';
export type ReadEvent = Logged<'conversation.read', { reader: Reader; seq: number }>;
export type ChangedEvent = Logged<
  'conversation.changed',
  { state: ConversationState; operator: NamedRef | null }
>;

/** Changes with a version of one lane of one conversation. */
export type LogEvent = MessageEvent | NoteEvent | ReadEvent | ChangedEvent;

export type TypingEvent = Unlogged<'typing.started' | 'typing.stopped', { conversation: Id; author: Author }>;

/** Whole subjects, newest wins, and signals. */
export type SignalEvent =
  | Unlogged<'conversation.updated', { conversation: Conversation }>
  | Unlogged<'presence.changed', { member: Member }>
  | Unlogged<'end_user.updated', { end_user: Omit<EndUserBrief, 'is_online'>; replaces: Id | null }>
  | TypingEvent
  | Unlogged<'availability.changed', { available: boolean }>
  | Unlogged<'thread.updated', { thread: Thread }>;

export type ServerEvent = LogEvent | SignalEvent;
export type EventType = ServerEvent['type'];

/** `re` is null when the server could not read the frame it answers. */
export type Answer =
  | { re: number | null; ok: true; data: unknown }
  | { re: number | null; ok: false; error: WireError };

export type ServerFrame = Answer | ServerEvent;

// Commands -------------------------------------------------------------------------------------

export type Cursor = { version: number; note_version?: number };
export type Head = { version: number; note_version?: number | null };
export type Me = Member | NamedRef;

export type HelloData = { ticket: string; epoch: string | null; cursors: Record<Id, Cursor> };
export type HelloAnswer<S extends Snapshot = Snapshot> = {
  epoch: string;
  heartbeat_seconds: number;
  me: Me;
  syncs: Sync<S>[];
  available: boolean;
  /** opens the next line, once and within a minute */
  ticket?: string | null;
  /** operators only */
  members?: Member[];
};

type Lane = { conversation: Id; after_version: number | null; after_note_version: number | null };
type About = { conversation: Id };
type Nothing = Record<string, never>;
type StateAnswer = { conversation: Conversation } | { thread: Thread };

/** Every command: what it carries and what its answer holds. */
export type Commands = {
  hello: { data: HelloData; answer: HelloAnswer };
  heartbeat: { data: Nothing; answer: { heads: Record<Id, Head>; ticket?: string | null } };
  'conversation.open': { data: Lane; answer: Sync };
  'conversation.leave': { data: About; answer: Nothing };
  'conversation.sync': { data: Lane; answer: Sync };
  'message.send': {
    data: { conversation: Id; client_id: Id; body: string; attachments: Id[] };
    answer: { message: Message };
  };
  'message.edit': { data: { conversation: Id; message: Id; body: string }; answer: { message: Message } };
  'message.delete': { data: { conversation: Id; message: Id }; answer: { message: Message } };
  'conversation.read': { data: { conversation: Id; seq: number }; answer: { version: number } };
  'typing.start': { data: About; answer: Nothing };
  'typing.stop': { data: About; answer: Nothing };
  'note.send': { data: { conversation: Id; client_id: Id; body: string }; answer: { note: Note } };
  'conversation.assign': {
    data: { conversation: Id; assignee: Id | null };
    answer: { conversation: Conversation };
  };
  'conversation.close': { data: About; answer: StateAnswer };
  'conversation.reopen': { data: About; answer: { conversation: Conversation } };
  'conversation.mark_spam': { data: About; answer: { conversation: Conversation } };
  'presence.set': { data: { status: Exclude<PresenceStatus, 'offline'> }; answer: { member: Member } };
};

export type CommandType = keyof Commands;
export type CommandData<T extends CommandType> = Commands[T]['data'];
export type CommandAnswer<T extends CommandType> = Commands[T]['answer'];
export type CommandFrame<T extends CommandType = CommandType> = { id: number; type: T; data: CommandData<T> };

// Close codes ----------------------------------------------------------------------------------

export const closeCode = {
  protocol: 4400,
  unauthenticated: 4401,
  origin: 4403,
  heartbeat: 4408,
  slow: 4008,
  tooMany: 4429,
  restart: 1012,
} as const;

// Limits ---------------------------------------------------------------------------------------

export const limits = { body: 4000, attachments: 10, cursors: 50, typingSeconds: 6 } as const;
