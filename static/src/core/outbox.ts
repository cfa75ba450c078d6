import { type Clock, type Random, systemClock } from './clock';
import { type FailureCode, mayPass, Refusal } from './errors';
import type { OutboxStore } from './outbox_store';
import type { Attachment, Id, Timestamp } from './protocol';
import { Repeats } from './repeats';

/** `sending` on its way or next in line; `waiting` goes by itself later; `failed` needs somebody to retry. */
export type OutgoingState = 'sending' | 'waiting' | 'failed';

export type Outgoing = {
  readonly client_id: Id;
  readonly conversation: Id;
  readonly lane: 'message' | 'note';
  readonly body: string;
  readonly attachments: readonly Attachment[];
  /** by the clock of this device: for showing only */
  readonly created_at: Timestamp;
  readonly state: OutgoingState;
  readonly failure: FailureCode | null;
};

export type Draft = Pick<Outgoing, 'conversation' | 'lane' | 'body' | 'attachments'>;

export type OutboxOptions = {
  store: OutboxStore;
  /** Resolves when the server has stored it. A Refusal says whether another try makes sense. */
  send(item: Outgoing): Promise<void>;
  onChange(items: readonly Outgoing[]): void;
  /** a UUID */
  newId?: () => Id;
  clock?: Clock;
  random?: Random;
};

/** Older than this and left over from another page: not sent behind its writer's back. */
const staleMilliseconds = 3_600_000;

/**
 * What was written and is not yet acknowledged, in order, surviving reloads where the browser keeps storage.
 * Within a conversation the next one leaves only after the one before was stored, so the order holds.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  #items: readonly Outgoing[] = [];
  #isOnline = false;
  /** Conversations with one on its way, and those that pause after a failure. */
  readonly #busy = new Set<Id>();
  readonly #pauses: Repeats;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#pauses = new Repeats(this.#clock, options.random);
  }

  get items(): readonly Outgoing[] {
    return this.#items;
  }

  of(conversation: Id): readonly Outgoing[] {
    return this.#items.filter((item) => item.conversation === conversation);
  }

  /** Takes up what an earlier page left behind. */
  async restore(): Promise<void> {
    const kept = await this.#options.store.all();
    const limit = this.#clock.now() - staleMilliseconds;
    const known = new Set(this.#items.map((item) => item.client_id));
    const restored = kept
      .filter((item) => !known.has(item.client_id))
      .map((item) => this.#asLeft(item, Date.parse(item.created_at) < limit));
    this.#set([...restored, ...this.#items]);
    this.#pumpAll();
  }

  add(draft: Draft): Outgoing {
    const item: Outgoing = {
      ...draft,
      client_id: (this.#options.newId ?? (() => crypto.randomUUID()))(),
      created_at: new Date(this.#clock.now()).toISOString(),
      state: this.#isOnline ? 'sending' : 'waiting',
      failure: null,
    };
    void this.#options.store.put(item);
    this.#set([...this.#items, item]);
    void this.#pump(item.conversation);
    return item;
  }

  /** The line is up: everything unacknowledged goes again, in order, with the same ids. */
  resume(): void {
    this.#isOnline = true;
    this.#pauses.clear();
    this.#mark('waiting', 'sending');
    this.#pumpAll();
  }

  /** The line is down. */
  pause(): void {
    this.#isOnline = false;
    this.#mark('sending', 'waiting');
  }

  retry(clientId: Id): void {
    const item = this.#find(clientId);
    if (!item) return;
    this.#pauses.cancel(item.conversation);
    this.#change(clientId, { state: this.#isOnline ? 'sending' : 'waiting', failure: null });
    void this.#pump(item.conversation);
  }

  /**
   * Gives what waits in these conversations to the outbox of another person, with its ids and in its order:
   * for somebody who turned out to be a person known before.
   */
  handOver(to: Outbox, conversations: ReadonlySet<Id>): void {
    const theirs = this.#items.filter((item) => conversations.has(item.conversation));
    to.#adopt(theirs);
    for (const item of theirs) this.remove(item.client_id);
  }

  #adopt(items: readonly Outgoing[]): void {
    const taken = items.map((item) => this.#asLeft(item, false));
    for (const item of taken) void this.#options.store.put(item);
    this.#set([...this.#items, ...taken]);
    this.#pumpAll();
  }

  /** It is stored on the server, or nobody wants it any more. */
  remove(clientId: Id): void {
    if (!this.#find(clientId)) return;
    void this.#options.store.remove(clientId);
    this.#set(this.#items.filter((item) => item.client_id !== clientId));
  }

  /** Forgets everything: for a sign-out on a shared computer. */
  async clear(): Promise<void> {
    this.#set([]);
    await this.#options.store.clear();
  }

  #asLeft(item: Outgoing, isStale: boolean): Outgoing {
    if (item.state === 'failed' || isStale) return { ...item, state: 'failed' };
    return { ...item, state: this.#isOnline ? 'sending' : 'waiting' };
  }

  #find(clientId: Id): Outgoing | undefined {
    return this.#items.find((item) => item.client_id === clientId);
  }

  #set(items: readonly Outgoing[]): void {
    this.#items = items;
    this.#options.onChange(items);
  }

  #change(clientId: Id, change: Pick<Outgoing, 'state' | 'failure'>): void {
    this.#set(this.#items.map((item) => (item.client_id === clientId ? { ...item, ...change } : item)));
  }

  #mark(from: OutgoingState, to: OutgoingState): void {
    if (!this.#items.some((item) => item.state === from)) return;
    this.#set(this.#items.map((item) => (item.state === from ? { ...item, state: to } : item)));
  }

  #pumpAll(): void {
    for (const conversation of new Set(this.#items.map((item) => item.conversation))) {
      void this.#pump(conversation);
    }
  }

  async #pump(conversation: Id): Promise<void> {
    if (!this.#isOnline || this.#busy.has(conversation) || this.#pauses.has(conversation)) return;
    const next = this.of(conversation).find((item) => item.state !== 'failed');
    if (!next) return;
    this.#busy.add(conversation);
    try {
      await this.#options.send(next);
      this.#pauses.done(conversation);
      this.remove(next.client_id);
    } catch (error) {
      this.#failed(next, error);
    } finally {
      this.#busy.delete(conversation);
    }
    void this.#pump(conversation);
  }

  #failed(item: Outgoing, error: unknown): void {
    const failure = error instanceof Refusal ? error.code : 'offline';
    if (!mayPass(error)) {
      const failed: Outgoing = { ...item, state: 'failed', failure };
      this.#change(item.client_id, failed);
      if (this.#find(item.client_id)) void this.#options.store.put(failed);
      return;
    }
    this.#change(item.client_id, { state: 'waiting', failure });
    this.#pauses.later(item.conversation, error, () => void this.#pump(item.conversation));
  }
}
