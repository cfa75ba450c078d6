import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Api } from '../core/api';
import { Chat, type EarlierPage } from '../core/chat';
import { type Clock, systemClock } from '../core/clock';
import { Refusal } from '../core/errors';
import { isMessage } from '../core/guards';
import type { OutboxStore } from '../core/outbox_store';
import type * as wire from '../core/protocol';
import type { ConnectionState, SocketOptions } from '../core/socket';
import { Collisions } from './collisions';
import type { ConsoleConfig } from './config';
import { changesCounts, SectionCounts } from './counts';
import { Lists } from './lists';
import { People } from './people';
import type { Route } from './route';
import { emptyView, type ThreadView } from './view';

type PersonChange = Extract<wire.SignalEvent, { type: 'end_user.updated' }>['data'];
type Change = 'conversation.close' | 'conversation.reopen' | 'conversation.mark_spam';

export type DeskOptions = {
  config: ConsoleConfig;
  store: OutboxStore;
  csrfToken(): string;
  /** A message of an end-user that concerns this operator. */
  onArrival(conversation: wire.Conversation): void;
  connect?: SocketOptions['connect'];
  fetch?: typeof fetch;
  clock?: Clock;
};

/** Threads that stay loaded and live after the operator has gone on to another one. */
const keptThreads = 8;

const isEarlierPage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'results' in value &&
  Array.isArray(value.results) &&
  value.results.every(isMessage);

/** Everything the console knows and can do, without drawing any of it. */
export class Desk {
  readonly me: wire.Id;
  readonly api: Api;
  readonly chat: Chat<wire.Conversation>;
  readonly lists: Lists;
  readonly counts: SectionCounts;
  readonly people: People;
  readonly connection: Signal<ConnectionState> = signal({ phase: 'idle' });
  readonly members: Signal<ReadonlyMap<wire.Id, wire.Member>>;
  readonly #options: DeskOptions;
  readonly #collisions: Collisions;
  readonly #route: Signal<Route>;
  readonly #view: Signal<ThreadView | null> = signal(null);
  #seen: { id: wire.Id; seq: number } | null = null;
  /** Followed conversations, the one shown last at the end. */
  #followed: wire.Id[] = [];

  constructor(options: DeskOptions, route: Signal<Route>) {
    const { config } = options;
    this.#options = options;
    this.#route = route;
    this.me = config.member.id;
    this.members = signal(new Map([[this.me, config.member]]));
    this.api = new Api({
      base: config.apiUrl,
      headers: () => ({ 'X-CSRFToken': options.csrfToken() }),
      ...(options.fetch && { fetch: options.fetch }),
    });
    this.lists = new Lists(this.api, this.me);
    const clock = options.clock ?? systemClock;
    this.counts = new SectionCounts(this.api, clock);
    this.people = new People(this.api);
    this.#collisions = new Collisions(clock, this.me, (conversation) => this.#changed(conversation));
    this.chat = this.#newChat();
    route.subscribe((next) => this.#routed(next));
  }

  /** The thread on the screen; null when none is. */
  get view(): ReadonlySignal<ThreadView | null> {
    return this.#view;
  }

  get self(): wire.Member {
    return this.members.value.get(this.me) ?? this.#options.config.member;
  }

  start(): void {
    this.chat.start();
    this.counts.refresh();
    void this.lists.show(this.#route.value.section);
  }

  /**
   * Takes a conversation from the colleague who has it. Said in two steps, because the server refuses to take what
   * somebody else has taken: that refusal is what keeps two from answering at once. Rejects with a Refusal.
   */
  async takeOver(conversation: wire.Id): Promise<void> {
    await this.assign(conversation, null);
    await this.assign(conversation, this.me);
  }

  /** Takes or gives a conversation; null puts it back for everybody. Rejects with a Refusal. */
  async assign(conversation: wire.Id, assignee: wire.Id | null): Promise<void> {
    const answer = await this.chat.socket.request('conversation.assign', { conversation, assignee });
    this.#learn(answer.conversation);
  }

  /** Rejects with a Refusal. */
  async change(conversation: wire.Id, type: Change): Promise<void> {
    const answer = await this.chat.socket.request(type, { conversation });
    if ('conversation' in answer) this.#learn(answer.conversation);
  }

  /**
   * The operator has seen everything up to `seq`. A look at a colleague's conversation reads nothing: all operators
   * share one mark, and the colleague would lose sight of what is new.
   */
  seen(id: wire.Id, seq: number): void {
    this.#seen = { id, seq };
    this.#markSeen(id);
  }

  async setPresence(status: Exclude<wire.PresenceStatus, 'offline'>): Promise<void> {
    const { member } = await this.chat.socket.request('presence.set', { status });
    this.#member(member);
  }

  #markSeen(id: wire.Id): void {
    const conversation = this.chat.log(id)?.snapshot;
    if (!conversation || this.#seen?.id !== id || !this.#isMine(conversation)) return;
    if (this.#seen.seq > conversation.operator_read_seq) this.chat.markRead(id, this.#seen.seq);
  }

  #newChat(): Chat<wire.Conversation> {
    const { config, store, connect, clock } = this.#options;
    return new Chat<wire.Conversation>({
      ...(clock && { clock }),
      url: config.socketUrl,
      store,
      ...(connect && { connect }),
      ticket: async () => (await this.api.post<{ ticket: string }>('socket-tickets', {}, isTicket)).ticket,
      fetchEarlier: (conversation, before_seq) =>
        this.api.get<EarlierPage>(`conversations/${conversation}/messages`, { before_seq }, isEarlierPage),
      onState: (state) => {
        this.connection.value = state;
      },
      onConversation: (conversation) => this.#changed(conversation),
      onHello: (answer) => this.#welcomed(answer),
      onSignal: (event) => this.#signal(event),
      onNews: (messages) => {
        for (const message of messages) this.#collisions.answered(message);
      },
      onGone: (conversation) => this.#gone(conversation),
    });
  }

  #welcomed(answer: wire.HelloAnswer<wire.Conversation>): void {
    batch(() => {
      this.members.value = new Map((answer.members ?? []).map((member) => [member.id, member]));
      if ('status' in answer.me) this.#member(answer.me);
    });
    this.counts.refresh();
    this.lists.missed(this.#route.value.section);
  }

  #signal(event: wire.SignalEvent): void {
    if (event.type === 'presence.changed') this.#member(event.data.member);
    if (event.type === 'conversation.updated') this.#heard(event.data.conversation);
    if (event.type === 'end_user.updated') this.#renamed(event.data);
  }

  /** A person has another name or address, or turned out to be somebody known: their rows and thread say so. */
  #renamed({ end_user, replaces }: PersonChange): void {
    const theirs = this.lists.of([end_user.id, ...(replaces ? [replaces] : [])]);
    batch(() => {
      for (const conversation of theirs) {
        this.lists.put({ ...conversation, end_user: { ...conversation.end_user, ...end_user } });
        this.#changed(conversation.id);
      }
    });
  }

  #member(member: wire.Member): void {
    this.members.value = new Map(this.members.value).set(member.id, member);
  }

  /** A snapshot from the server itself: the only kind that may ring. */
  #heard(conversation: wire.Conversation): void {
    const before = this.lists.get(conversation.id);
    if (isArrival(before, conversation) && this.#isMine(conversation)) this.#options.onArrival(conversation);
    this.#learn(conversation);
  }

  #isMine({ assignee }: wire.Conversation): boolean {
    return assignee === null || assignee.id === this.me;
  }

  #learn(conversation: wire.Conversation): void {
    const before = this.lists.get(conversation.id);
    this.lists.put(conversation);
    if (changesCounts(before, conversation)) this.counts.refresh();
    this.#changed(conversation.id);
  }

  /** Something of this conversation changed; if it is on the screen, it is drawn anew. */
  #changed(id: wire.Id): void {
    const log = this.chat.log(id);
    if (!log) return;
    const typists = this.chat.typists(id).filter((author) => author.id !== this.me);
    this.#collisions.observe(id, typists);
    if (log.snapshot && !this.lists.get(id)) this.lists.put(log.snapshot);
    if (this.#route.value.conversation !== id) return;
    // It may have become this operator's while it was on the screen.
    this.#markSeen(id);
    const conversation = this.#latest(id, log.snapshot);
    const outgoing = this.chat.outbox.of(id);
    this.#view.value = {
      ...emptyView(id),
      conversation,
      log,
      outgoing,
      typists,
      colleagues: this.#collisions.names(id),
    };
  }

  /** The log is ahead in what is written, the list in who the person is. */
  #latest(id: wire.Id, snapshot: wire.Conversation | null): wire.Conversation | null {
    const listed = this.lists.get(id);
    if (!snapshot || !listed) return snapshot ?? listed ?? null;
    return { ...snapshot, end_user: listed.end_user };
  }

  #gone(id: wire.Id): void {
    this.#followed = this.#followed.filter((each) => each !== id);
    this.lists.remove(id);
    if (this.#route.value.conversation === id) this.#view.value = { ...emptyView(id), isGone: true };
  }

  #routed({ section, conversation }: Route): void {
    if (this.connection.value.phase !== 'idle') void this.lists.show(section);
    if (conversation === this.#view.value?.id) return;
    if (conversation) this.#follow(conversation);
    else this.#view.value = null;
  }

  #follow(id: wire.Id): void {
    this.#followed = [...this.#followed.filter((each) => each !== id), id];
    for (const old of this.#followed.splice(0, this.#followed.length - keptThreads)) this.chat.leave(old);
    this.#view.value = { ...emptyView(id), conversation: this.lists.get(id) ?? null };
    this.chat.open(id);
    this.#changed(id);
  }
}

/** True when the end-user has written something new since `before`. */
export function isArrival(before: wire.Conversation | undefined, after: wire.Conversation): boolean {
  const last = after.last_message;
  if (after.state !== 'open' || last?.author.kind !== 'end_user') return false;
  return before ? after.last_seq > before.last_seq : after.unread > 0;
}

function isTicket(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'ticket' in value && typeof value.ticket === 'string';
}

/** The words for an operator; the server's own sentence where it knows more. */
export function reasonOf(error: unknown): { key: string; sentence: string } {
  const refusal = error instanceof Refusal ? error : new Refusal('internal');
  const says = refusal.code === 'invalid' || refusal.code === 'conflict' ? refusal.message : '';
  return { key: `error_${refusal.code}`, sentence: says };
}
