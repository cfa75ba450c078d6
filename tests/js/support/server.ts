import type {
  CommandFrame,
  Conversation,
  Cursor,
  LogEvent,
  Message,
  Note,
  Sync,
} from '../../../static/src/core/protocol';
import { FakeLine } from './line';
import { conversation, endUser, message, note, operator } from './shapes';

/** One conversation as the document describes it: two lanes, each change numbered, resends recognised. */
export class ModelServer {
  readonly events: LogEvent[] = [];
  epoch = 'e1';
  version = 0;
  noteVersion = 0;
  messages: Message[] = [];
  notes: Note[] = [];
  readSeq = 0;
  state: 'open' | 'closed' = 'open';

  addMessage(body: string, clientId: string | null = null, author = endUser): Message {
    const stored = this.messages.find((one) => clientId !== null && one.client_id === clientId);
    if (stored) return stored;
    this.version += 1;
    const seq = this.messages.length + 1;
    const fresh = message(seq, { version: this.version, body, client_id: clientId, author });
    this.messages.push(fresh);
    this.#log('message.created', { message: fresh });
    return fresh;
  }

  addNote(): void {
    this.noteVersion += 1;
    const fresh = note(this.noteVersion);
    this.notes.push(fresh);
    this.events.push({
      type: 'note.created',
      conversation: 'c',
      version: this.noteVersion,
      data: { note: fresh },
    });
  }

  edit(): void {
    const chosen = this.messages.at(Math.floor(this.messages.length / 2));
    if (!chosen) return;
    this.version += 1;
    const edited = { ...chosen, version: this.version, body: `${chosen.body}, edited` };
    this.messages = this.messages.with(chosen.seq - 1, edited);
    this.#log('message.updated', { message: edited });
  }

  read(): void {
    this.version += 1;
    this.readSeq = this.messages.length;
    this.#log('conversation.read', { reader: 'operator', seq: this.readSeq });
  }

  toggle(): void {
    this.version += 1;
    this.state = this.state === 'open' ? 'closed' : 'open';
    this.#log('conversation.changed', { state: this.state, operator: null });
  }

  get snapshot(): Conversation {
    return conversation({
      version: this.version,
      note_version: this.noteVersion,
      state: this.state,
      last_seq: this.messages.length,
      operator_read_seq: this.readSeq,
    });
  }

  sync(cursor: Cursor | null, epoch: string | null = this.epoch): Sync<Conversation> {
    const isDelta = cursor !== null && epoch === this.epoch;
    const after = isDelta ? cursor : { version: 0, note_version: 0 };
    return {
      conversation: 'c',
      epoch: this.epoch,
      version: this.version,
      note_version: this.noteVersion,
      floor_version: 0,
      mode: isDelta ? 'delta' : 'reload',
      has_earlier: false,
      messages: this.messages.filter((one) => one.version > after.version),
      notes: this.notes.filter((one) => one.version > (after.note_version ?? 0)),
      snapshot: this.snapshot,
    };
  }

  #log(type: string, data: object): void {
    this.events.push({ type, conversation: 'c', version: this.version, data } as LogEvent);
  }
}

/** The line of one browser to that server, with a network that can lose what it carries. */
export class ServerLine extends FakeLine {
  isOpen = false;
  /** what happens to the next frames: each entry is used up by one */
  readonly losses: { question: boolean; answer: boolean }[] = [];
  readonly #server: ModelServer;

  constructor(server: ModelServer) {
    super();
    this.#server = server;
  }

  override accept(): void {
    this.isOpen = true;
    super.accept();
  }

  override end(code: number): void {
    this.isOpen = false;
    super.end(code);
  }

  override close(): void {
    this.isOpen = false;
  }

  override send(text: string): void {
    super.send(text);
    const loss = this.losses.shift() ?? { question: false, answer: false };
    if (!this.isOpen || loss.question) return;
    const answer = this.#serve(JSON.parse(text) as CommandFrame);
    if (!loss.answer)
      queueMicrotask(() => this.isOpen && this.answer(answer, JSON.parse(text) as CommandFrame));
  }

  #serve({ type, data }: CommandFrame): unknown {
    const server = this.#server;
    if (type === 'hello') {
      const { epoch, cursors } = data as CommandFrame<'hello'>['data'];
      const syncs = Object.values(cursors).map((cursor) => server.sync(cursor, epoch));
      return {
        epoch: server.epoch,
        heartbeat_seconds: 20,
        me: { id: 'eu', name: 'Ana' },
        syncs,
        available: true,
      };
    }
    if (type === 'heartbeat') {
      return { heads: { c: { version: server.version, note_version: server.noteVersion } } };
    }
    if (type === 'message.send') {
      const { client_id, body } = data as CommandFrame<'message.send'>['data'];
      return { message: server.addMessage(body, client_id, operator) };
    }
    if (type === 'conversation.open' || type === 'conversation.sync') {
      const { after_version, after_note_version } = data as CommandFrame<'conversation.sync'>['data'];
      const cursor =
        after_version === null ? null : { version: after_version, note_version: after_note_version ?? 0 };
      return server.sync(cursor);
    }
    return {};
  }
}
