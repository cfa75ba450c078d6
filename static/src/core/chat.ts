import { type Clock, type Random, systemClock } from './clock';
import * as logs from './conversation';
import { mayPass } from './errors';
import type { Unreadable } from './guards';
import { Outbox, type Outgoing } from './outbox';
import type { OutboxStore } from './outbox_store';
import type * as wire from './protocol';
import { limits } from './protocol';
import { Repeats } from './repeats';
import { type ConnectionState, Socket, type SocketOptions } from './socket';
import { OwnTyping, Typists } from './typing';

export type EarlierPage = { results: wire.Message[]; has_earlier: boolean };

export type ChatOptions<S extends wire.Snapshot> = Pick<SocketOptions, 'url' | 'ticket' | 'connect'> & {
  store: OutboxStore;
  /** GET conversations/<id>/messages?before_seq= */
  fetchEarlier(conversation: wire.Id, beforeSeq: number): Promise<EarlierPage>;
  onState(state: ConnectionState): void;
  /** The log, the outbox or the typists of this conversation changed. */
  onConversation(conversation: wire.Id): void;
  /** Each hello's answer: who I am, who is there, whether somebody can answer. */
  onHello(answer: wire.HelloAnswer<S>): void;
  /** Snapshots and signals of other things: presence, availability, threads and conversations that are not open. */
  onSignal(event: wire.SignalEvent): void;
  /** Messages, of whoever, that came to an open conversation after it was loaded: for sounds and counts. */
  onNews?(messages: readonly wire.Message[]): void;
  /** The conversation does not exist (any more) for this reader. */
  onGone?(conversation: wire.Id): void;
  newId?: () => wire.Id;
  clock?: Clock;
  random?: Random;
};

/** A snapshot may overtake its event by a moment; only after this is it a sign of a loss. */
const snapshotGraceMilliseconds = 2_000;

/**
 * Everything live of one person: the line, the open conversations, what waits to be sent.
 * S is Thread for an end-user and Conversation for an operator.
 */
export class Chat<S extends wire.Snapshot> {
  readonly socket: Socket;
  readonly outbox: Outbox;
  readonly #options: ChatOptions<S>;
  readonly #clock: Clock;
  readonly #logs = new Map<wire.Id, logs.Log<S>>();
  readonly #typists: Typists;
  readonly #typing: OwnTyping;
  readonly #fetching = new Set<wire.Id>();
  readonly #repeats: Repeats;
  /** Loaded conversations of which something is known to be missing. */
  readonly #behind = new Set<wire.Id>();
  readonly #paging = new Map<wire.Id, Promise<void>>();
  readonly #reading = new Map<wire.Id, number>();
  #epoch: string | null = null;
  /** What the last hello brought up to date. */
  #resynced: ReadonlySet<wire.Id> = new Set();
  #withOutgoing: readonly wire.Id[] = [];

  constructor(options: ChatOptions<S>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const shared = { clock: this.#clock, random: options.random ?? Math.random };
    this.socket = new Socket({
      ...shared,
      ...(options.connect && { connect: options.connect }),
      url: options.url,
      ticket: options.ticket,
      resume: () => ({ epoch: this.#epoch, cursors: this.#cursors() }),
      onHello: (answer) => this.#welcomed(answer as wire.HelloAnswer<S>),
      onEvent: (event) => this.#receive(event),
      onHeads: (heads) => this.#compare(heads),
      onState: (state) => this.#stateChanged(state),
    });
    this.outbox = new Outbox({
      ...shared,
      ...(options.newId && { newId: options.newId }),
      store: options.store,
      send: (item) => this.#deliver(item),
      onChange: (items) => this.#outboxChanged(items),
    });
    this.#repeats = new Repeats(this.#clock, options.random);
    this.#typists = new Typists(this.#clock, (conversation) => options.onConversation(conversation));
    this.#typing = new OwnTyping(this.#clock, (isTyping, conversation) => {
      this.#hint(this.socket.request(isTyping ? 'typing.start' : 'typing.stop', { conversation }));
    });
  }

  start(): void {
    void this.outbox.restore();
    this.socket.start();
  }

  stop(): void {
    this.socket.stop();
  }

  log(conversation: wire.Id): logs.Log<S> | undefined {
    return this.#logs.get(conversation);
  }

  typists(conversation: wire.Id): wire.Author[] {
    return this.#typists.in(conversation);
  }

  /** Follows a conversation from now on, over every reconnect, until `leave`. */
  open(conversation: wire.Id): void {
    if (this.#logs.has(conversation)) return;
    this.#logs.set(conversation, logs.emptyLog(conversation));
    void this.#fetch(conversation, 'conversation.open');
  }

  leave(conversation: wire.Id): void {
    if (!this.#logs.delete(conversation)) return;
    this.#reading.delete(conversation);
    this.#caughtUp(conversation);
    this.#hint(this.socket.request('conversation.leave', { conversation }));
  }

  send(conversation: wire.Id, body: string, attachments: readonly wire.Attachment[] = []): Outgoing {
    this.#typing.stop();
    return this.outbox.add({ conversation, lane: 'message', body, attachments });
  }

  sendNote(conversation: wire.Id, body: string): Outgoing {
    this.#typing.stop();
    return this.outbox.add({ conversation, lane: 'note', body, attachments: [] });
  }

  /** Tells the other side that this person types. Call at each change of the text. */
  typing(conversation: wire.Id): void {
    this.#typing.touch(conversation);
  }

  stopTyping(): void {
    this.#typing.stop();
  }

  /** The reader has seen everything up to `seq`. Best effort; asked once for each step forward. */
  markRead(conversation: wire.Id, seq: number): void {
    if (!this.socket.isOnline || seq <= (this.#reading.get(conversation) ?? 0)) return;
    this.#reading.set(conversation, seq);
    this.socket.request('conversation.read', { conversation, seq }).catch(() => {
      if (this.#reading.get(conversation) === seq) this.#reading.delete(conversation);
    });
  }

  /** Loads a page of older messages; the same promise for calls while one is under way. Rejects with a Refusal. */
  earlier(conversation: wire.Id): Promise<void> {
    const running = this.#paging.get(conversation);
    if (running) return running;
    const paging = this.#page(conversation).finally(() => this.#paging.delete(conversation));
    this.#paging.set(conversation, paging);
    return paging;
  }

  async #page(conversation: wire.Id): Promise<void> {
    const first = this.#logs.get(conversation)?.messages[0];
    if (!first) return;
    const page = await this.#options.fetchEarlier(conversation, first.seq);
    const log = this.#logs.get(conversation);
    // A reload in the meantime has moved the window: this page no longer joins it.
    if (log?.messages[0]?.id === first.id) this.#keep(logs.applyEarlier(log, page));
  }

  #cursors(): Record<wire.Id, wire.Cursor> {
    const known = [...this.#logs.values()].flatMap((log) => {
      const cursor = logs.cursorOf(log);
      return cursor ? [[log.id, cursor] as const] : [];
    });
    return Object.fromEntries(known.slice(-limits.cursors));
  }

  #welcomed(answer: wire.HelloAnswer<S>): void {
    this.#epoch = answer.epoch;
    this.#resynced = new Set(answer.syncs.map((sync) => sync.conversation));
    for (const sync of answer.syncs) this.#synced(sync);
    this.#options.onHello(answer);
  }

  #stateChanged(state: ConnectionState): void {
    if (state.phase === 'online') {
      this.#resumed();
    } else {
      this.outbox.pause();
      this.#repeats.clear();
      this.#behind.clear();
    }
    this.#tellState();
  }

  #tellState(): void {
    const { state } = this.socket;
    const isBehind = state.phase === 'online' && this.#behind.size > 0;
    this.#options.onState(isBehind ? { ...state, isBehind } : state);
  }

  #caughtUp(conversation: wire.Id): void {
    this.#repeats.done(conversation);
    if (this.#behind.delete(conversation) && this.#behind.size === 0) this.#tellState();
  }

  #resumed(): void {
    this.outbox.resume();
    for (const log of this.#logs.values()) {
      if (!this.#resynced.has(log.id)) void this.#fetch(log.id, 'conversation.open');
      else if (log.held.length > 0) void this.#fetch(log.id, 'conversation.sync');
    }
  }

  #receive(event: wire.ServerEvent | Unreadable): void {
    if ('version' in event) this.#logEvent(event);
    else this.#signal(event);
  }

  #logEvent(event: wire.LogEvent | Unreadable): void {
    const log = this.#logs.get(event.conversation);
    if (!log) return;
    if (event.type === 'message.created') this.#typists.forget(event.conversation, event.data.message.author);
    this.#step(logs.applyEvent(log, event));
  }

  #signal(event: wire.SignalEvent): void {
    if (event.type === 'typing.started' || event.type === 'typing.stopped') {
      this.#typists.hear(event);
      return;
    }
    if (event.type === 'conversation.updated') this.#snapshot(event.data.conversation as S);
    if (event.type === 'thread.updated') this.#snapshot(event.data.thread as S);
    this.#options.onSignal(event);
  }

  #snapshot(snapshot: S): void {
    const log = this.#logs.get(snapshot.id);
    if (!log) return;
    this.#keep(logs.applySnapshot(log, snapshot));
    if (logs.isBehind(log, snapshot)) {
      this.#clock.after(snapshotGraceMilliseconds, () => this.#compare({ [snapshot.id]: snapshot }));
    }
  }

  #compare(heads: Record<wire.Id, wire.Head | wire.Snapshot>): void {
    for (const [id, head] of Object.entries(heads)) {
      const log = this.#logs.get(id);
      if (log && logs.isBehind(log, head)) void this.#fetch(id, 'conversation.sync');
    }
  }

  #step(step: logs.Step<S>): void {
    this.#keep(step.log);
    if (step.gap) void this.#fetch(step.log.id, 'conversation.sync');
  }

  #keep(log: logs.Log<S>): void {
    const before = this.#logs.get(log.id);
    if (!before || before === log) return;
    this.#logs.set(log.id, log);
    this.#settle(log);
    const news = before.epoch === null ? [] : logs.newerThan(log, before);
    if (news.length > 0) this.#options.onNews?.(news);
    this.#options.onConversation(log.id);
  }

  /** Takes out of the outbox what the log already holds: its acknowledgement was lost. */
  #settle(log: logs.Log<S>): void {
    const waiting = this.outbox.of(log.id);
    if (waiting.length === 0) return;
    const stored = new Set([...log.messages, ...log.notes].map((thing) => thing.client_id));
    for (const item of waiting) if (stored.has(item.client_id)) this.outbox.remove(item.client_id);
  }

  #synced(sync: wire.Sync<S>): void {
    const log = this.#logs.get(sync.conversation);
    if (log) this.#step(logs.applySync(log, sync));
  }

  /** One fetch at a time for each conversation. What its answer leaves open asks again, and so does a failure. */
  async #fetch(conversation: wire.Id, type: 'conversation.open' | 'conversation.sync'): Promise<void> {
    if (this.#fetching.has(conversation) || !this.socket.isOnline) return;
    this.#fetching.add(conversation);
    this.#repeats.cancel(conversation);
    const cursor = this.#cursorFor(conversation);
    if (cursor) this.#fallBehind(conversation);
    const lane = {
      conversation,
      after_version: cursor?.version ?? null,
      after_note_version: cursor?.note_version ?? null,
    };
    try {
      const sync = await this.socket.request(type, lane);
      this.#fetching.delete(conversation);
      this.#synced(sync as wire.Sync<S>);
      if (!this.#fetching.has(conversation)) this.#caughtUp(conversation);
    } catch (error) {
      this.#fetching.delete(conversation);
      if (!mayPass(error)) this.#gone(conversation);
      else if (this.socket.isOnline && this.#logs.has(conversation)) {
        this.#repeats.later(conversation, error, () => void this.#fetch(conversation, type));
      }
    }
  }

  #fallBehind(conversation: wire.Id): void {
    this.#behind.add(conversation);
    if (this.#behind.size === 1) this.#tellState();
  }

  #cursorFor(conversation: wire.Id): wire.Cursor | null {
    const log = this.#logs.get(conversation);
    return log ? logs.cursorOf(log) : null;
  }

  #gone(conversation: wire.Id): void {
    this.#caughtUp(conversation);
    if (this.#logs.delete(conversation)) this.#options.onGone?.(conversation);
  }

  async #deliver(item: Outgoing): Promise<void> {
    const { conversation, client_id, body } = item;
    if (item.lane === 'note') {
      const { note } = await this.socket.request('note.send', { conversation, client_id, body });
      this.#answered(conversation, (log) => logs.applyNoteAnswer(log, note));
      return;
    }
    const attachments = item.attachments.map((attachment) => attachment.id);
    const { message } = await this.socket.request('message.send', {
      conversation,
      client_id,
      body,
      attachments,
    });
    this.#answered(conversation, (log) => logs.applyAnswer(log, message));
  }

  #answered(conversation: wire.Id, change: (log: logs.Log<S>) => logs.Log<S>): void {
    const log = this.#logs.get(conversation);
    if (log) this.#keep(change(log));
  }

  #outboxChanged(items: readonly Outgoing[]): void {
    const now = items.map((item) => item.conversation);
    const touched = new Set([...this.#withOutgoing, ...now]);
    this.#withOutgoing = now;
    for (const conversation of touched) this.#options.onConversation(conversation);
  }

  /** For requests whose loss means nothing. */
  #hint(request: Promise<unknown>): void {
    request.catch(() => {});
  }
}
