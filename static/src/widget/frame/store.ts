import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Chat } from '../../core/chat';
import * as logs from '../../core/conversation';
import { Refusal } from '../../core/errors';
import type { I18n } from '../../core/i18n';
import type { Author, HelloAnswer, Id, Message, SignalEvent, Thread } from '../../core/protocol';
import type { ConnectionState } from '../../core/socket';
import type { WidgetConfig } from '../config';
import type { Page, ToFrame } from '../frame_protocol';
import { type Draft, emptyDraft, prefilled } from './form';
import { type Person, personOf } from './guards';
import type { StoreOptions } from './options';
import { SignIn } from './sign_in';
import { Threads } from './threads';
import type { Me, Opening } from './visitor_api';

export type View = { name: 'start' } | { name: 'threads' } | { name: 'thread'; id: Id };
/** Why nothing can be written here at all. */
export type Barrier = 'not_live' | 'forbidden';

/** Everything the widget knows and does. Nothing is stored or connected before `start` or `resume`. */
export class Store {
  readonly config: WidgetConfig;
  readonly i18n: ReadonlySignal<I18n>;
  readonly view = signal<View>({ name: 'start' });
  readonly isOpen = signal(false);
  readonly available = signal(false);
  readonly me = signal<Me | null>(null);
  readonly connection = signal<ConnectionState>({ phase: 'idle' });
  readonly barrier = signal<Barrier | null>(null);
  /** This browser can keep nothing: the history ends with the page. */
  readonly endsWithPage = signal(false);
  /** The form before the first message, as far as it is filled in. */
  readonly draft = signal<Draft>(emptyDraft);
  /** What an earlier page began is being taken up. */
  readonly isResuming = signal(false);
  readonly unread: ReadonlySignal<number>;
  /** A closed thread in which the visitor wants to go on writing. */
  readonly reopening = signal<Id | null>(null);
  /** Counts the changes of logs, outbox and typists: what draws them reads it. */
  readonly changes = signal(0);

  readonly #options: StoreOptions;
  readonly #i18n: Signal<I18n>;
  readonly #threads = new Threads();
  readonly #chat = signal<Chat<Thread> | null>(null);
  readonly #signIn: SignIn;
  #page: Page | null;
  #person: Person;
  #session: Promise<void> | null = null;
  #lastStart: { body: string; id: Id } | null = null;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.config = options.config;
    this.#i18n = signal(options.i18n);
    this.i18n = this.#i18n;
    this.#page = options.page;
    this.#signIn = new SignIn(options.api, options.bridge, options.hasIdentity);
    this.isOpen.value = options.isOpen;
    this.available.value = options.config.available;
    this.#person = personOf(options.profile);
    this.draft.value = prefilled(this.draft.value, this.#person);
    this.unread = computed(() => {
      void this.changes.value;
      return this.threads.value.reduce((sum, thread) => sum + this.unreadOf(thread), 0);
    });
  }

  /** newest first */
  get threads(): ReadonlySignal<readonly Thread[]> {
    return this.#threads.list;
  }

  /** The line; null until the first act. */
  get chat(): Chat<Thread> | null {
    return this.#chat.value;
  }

  get author(): Author {
    return { kind: 'end_user', id: this.me.value?.id ?? null, name: this.me.value?.name ?? '' };
  }

  thread(id: Id): Thread | null {
    void this.changes.value;
    return this.chat?.log(id)?.snapshot ?? this.#threads.get(id);
  }

  /** Who answers: the operator in charge, else the last one who wrote. */
  operatorOf(id: Id): { name: string } | null {
    const written = this.chat?.log(id)?.messages.findLast(({ author }) => author.kind === 'operator');
    return this.thread(id)?.operator ?? written?.author ?? null;
  }

  unreadOf(thread: Thread): number {
    const log = this.chat?.log(thread.id);
    return log?.snapshot ? logs.unreadOf(log, 'end_user') : thread.unread;
  }

  // What the visitor does ------------------------------------------------------------------------

  /** The first message of a conversation. Rejects with a Refusal; a second try with the same text is the same message. */
  async start(body: string, form: Opening['form']): Promise<void> {
    await this.#begin();
    if (this.#lastStart?.body !== body) this.#lastStart = { body, id: this.#newId() };
    const opening = { client_id: this.#lastStart.id, body, attachments: [], form };
    const { thread, message } = await this.#guarded(() => this.#options.api.start(opening));
    this.#lastStart = null;
    this.draft.value = emptyDraft;
    if (this.me.value && form.email) this.me.value = { ...this.me.value, email: form.email };
    this.#put(thread);
    this.#settleIdentity();
    this.#options.bridge.event('consent', { accepted: true });
    this.#tellMessage(message);
    this.show({ name: 'thread', id: thread.id });
  }

  show(view: View): void {
    this.view.value = view;
    if (view.name === 'thread') this.chat?.open(view.id);
  }

  async end(id: Id): Promise<void> {
    await this.#options.api.close(id);
  }

  async setLocale(tag: string, isOwnChoice: boolean): Promise<void> {
    const i18n = await this.#options.speak(tag);
    this.#i18n.value = i18n;
    if (isOwnChoice && this.me.value) this.#options.remember(i18n.locale);
    this.#options.bridge.say({ type: 'locale', value: i18n.locale });
  }

  close(): void {
    this.#options.bridge.say({ type: 'close', value: null });
  }

  /** Ends the session here and on the server; rejects with a Refusal where the server cannot be told. */
  async forget(): Promise<void> {
    const { api, bridge, clear } = this.#options;
    this.chat?.stop();
    await this.chat?.outbox.clear();
    clear();
    try {
      await api.forget();
    } finally {
      this.#reset();
      bridge.say({ type: 'known', value: false });
    }
  }

  // What the page says ---------------------------------------------------------------------------

  /** Takes up what this browser began on an earlier page; a browser that is not known (any more) stays a stranger. */
  async resume(): Promise<void> {
    this.isResuming.value = true;
    try {
      if (!this.#signIn.hasIdentity) await this.#options.api.threads();
      await this.#begin();
      this.#land();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'unauthenticated') {
        this.#options.bridge.say({ type: 'known', value: false });
      }
    } finally {
      this.isResuming.value = false;
    }
  }

  hear({ type, value }: ToFrame): void {
    switch (type) {
      case 'visibility':
        this.#setOpen(value);
        break;
      case 'page':
        this.#visit(value);
        break;
      case 'locale':
        void this.setLocale(value, false);
        break;
      case 'profile':
        void this.#describe(personOf(value));
        break;
      case 'identity':
        this.#signIn.hear(value);
        break;
      case 'identity.changed':
        this.#signIn.hasIdentity = value;
        if (value) void this.#identify();
        break;
      case 'conversation.end':
        this.#endNewest();
        break;
      case 'forget':
        void this.#forgetForPage();
    }
  }

  #setOpen(isOpen: boolean): void {
    this.isOpen.value = isOpen;
    // A person whom the customer's page knows opens their own history: that is their first act.
    if (isOpen && this.#signIn.hasIdentity && !this.me.value) void this.resume();
  }

  #visit(page: Page): void {
    const isSame = page.url === this.#page?.url && page.title === this.#page.title;
    this.#page = page;
    if (this.me.value && !isSame) void this.#options.api.visit(page).catch(() => {});
  }

  async #describe(person: Person): Promise<void> {
    this.#person = { ...this.#person, ...person };
    this.draft.value = prefilled(this.draft.value, this.#person);
    if (!this.me.value || Object.keys(person).length === 0) return;
    try {
      this.me.value = await this.#options.api.describe(person);
    } catch (error) {
      this.#report(error);
    }
  }

  #endNewest(): void {
    const open = this.threads.value.find((thread) => thread.state === 'open');
    if (open) void this.end(open.id).catch((error: unknown) => this.#report(error));
  }

  async #forgetForPage(): Promise<void> {
    try {
      await this.forget();
      this.#options.bridge.say({ type: 'forgotten', value: null });
    } catch {
      // The page stops waiting by itself; the session is ended at the next chance.
    }
  }

  // Who the visitor is ---------------------------------------------------------------------------

  /** The page signed somebody in while the widget was there. */
  async #identify(): Promise<void> {
    if (!this.me.value) {
      if (this.isOpen.value) await this.resume();
      return;
    }
    const identified = await this.#signIn.identify();
    if (!identified) return;
    const isOther = identified.end_user.id !== this.me.value?.id;
    this.me.value = identified.end_user;
    if (isOther) await this.#become();
  }

  /** This browser is somebody else now, with threads of their own. */
  async #become(): Promise<void> {
    const before = this.chat;
    before?.stop();
    this.#threads.replace(await this.#options.api.threads());
    const chat = this.#connect();
    before?.outbox.handOver(chat.outbox, new Set(this.threads.value.map(({ id }) => id)));
    this.#land();
  }

  /** One session for the life of the page, begun once. */
  #begin(): Promise<void> {
    this.#session ??= this.#open().catch((error: unknown) => {
      this.#session = null;
      throw error;
    });
    return this.#session;
  }

  async #open(): Promise<void> {
    const where = { locale: this.i18n.value.locale, page: this.#page };
    const session = await this.#guarded(() => this.#signIn.open(where));
    this.me.value = session.end_user;
    this.#setAvailable(session.available);
    this.#threads.replace(session.threads);
    this.#connect();
    void this.#describe(this.#person);
  }

  /** After the first request that needs it, it is clear how this browser is known. */
  #settleIdentity(): void {
    this.endsWithPage.value = this.#options.identity.endsWithPage;
    this.#options.bridge.say({ type: 'known', value: !this.endsWithPage.value });
  }

  #reset(): void {
    this.#chat.value = null;
    this.#session = null;
    this.#lastStart = null;
    this.me.value = null;
    this.#person = {};
    this.draft.value = emptyDraft;
    this.#threads.replace([]);
    this.connection.value = { phase: 'idle' };
    this.endsWithPage.value = false;
    this.barrier.value = null;
    this.changes.value = this.changes.peek() + 1;
    this.show({ name: 'start' });
  }

  // The line -------------------------------------------------------------------------------------

  #connect(): Chat<Thread> {
    const { api, config, connect, newId, outboxOf } = this.#options;
    const chat: Chat<Thread> = new Chat<Thread>({
      url: config.socketUrl,
      ticket: () => api.ticket(),
      ...(connect && { connect }),
      ...(newId && { newId }),
      store: outboxOf(this.me.value?.id ?? ''),
      fetchEarlier: (conversation, beforeSeq) => api.earlier(conversation, beforeSeq),
      onState: (state) => {
        if (this.chat === chat) this.connection.value = state;
      },
      onConversation: () => {
        this.changes.value = this.changes.peek() + 1;
      },
      onHello: (answer) => this.#welcomed(answer),
      onSignal: (event) => this.#signal(event),
      onNews: (messages) => {
        for (const message of messages) this.#tellMessage(message);
      },
      onGone: (id) => this.#gone(id),
    });
    this.#chat.value = chat;
    for (const thread of this.threads.value) if (thread.state === 'open') chat.open(thread.id);
    chat.start();
    return chat;
  }

  #welcomed(answer: HelloAnswer<Thread>): void {
    this.#setAvailable(answer.available);
    this.#settleIdentity();
    // Threads that nobody follows may have changed while the line was down.
    void this.#options.api.threads().then(
      (threads) => this.#threads.replace(threads),
      () => {},
    );
  }

  #signal(event: SignalEvent): void {
    if (event.type === 'availability.changed') this.#setAvailable(event.data.available);
    if (event.type === 'thread.updated') this.#put(event.data.thread);
  }

  #gone(id: Id): void {
    this.#threads.remove(id);
    if (this.view.value.name === 'thread' && this.view.value.id === id) this.#land();
  }

  #put(thread: Thread): void {
    if (this.#threads.put(thread) && thread.state === 'open') this.chat?.open(thread.id);
  }

  /** Where somebody comes to who was here before. */
  #land(): void {
    const threads = this.threads.value;
    const wanted = threads.find((thread) => thread.state === 'open' || this.unreadOf(thread) > 0);
    const only = threads.length === 1 ? threads[0] : undefined;
    const thread = wanted ?? only;
    if (thread) this.show({ name: 'thread', id: thread.id });
    else this.show({ name: threads.length > 0 ? 'threads' : 'start' });
  }

  #setAvailable(available: boolean): void {
    if (available !== this.available.value) this.#options.bridge.event('availability', { available });
    this.available.value = available;
  }

  #tellMessage({ id, conversation, author, created_at }: Message): void {
    if (author.kind === 'system') return;
    const name = author.kind === 'end_user' ? 'message:sent' : 'message:received';
    this.#options.bridge.event(name, { conversation, message: id, at: created_at });
  }

  #report(error: unknown): void {
    if (!(error instanceof Refusal)) return;
    this.#options.bridge.event('error', { code: error.code, message: error.message });
  }

  /** Notices what shuts the widget as a whole. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal && (error.code === 'not_live' || error.code === 'forbidden')) {
        this.barrier.value = error.code;
      }
      throw error;
    }
  }

  #newId(): Id {
    return (this.#options.newId ?? (() => crypto.randomUUID()))();
  }
}
