import { type Signal, signal } from '@preact/signals';
import type { Api } from '../core/api';
import {
  emptyInbox,
  type Inbox,
  mergeConversation,
  mergeFirstPage,
  mergePage,
  removeConversation,
  type Section,
  trim,
} from '../core/inbox';
import type { Conversation, Id } from '../core/protocol';
import { type ConversationPage, isConversationPage } from './answers';

export type Loading = 'idle' | 'first' | 'next' | 'failed';

const mostKept = 2_000;
const keptAtLeast = 500;

/** The lists of the sections: pages over HTTPS, single rows from the live line. */
export class Lists {
  readonly inbox: Signal<Inbox>;
  readonly loading: Signal<Readonly<Partial<Record<Section, Loading>>>> = signal({});
  readonly #api: Pick<Api, 'get'>;
  /** Sections whose first page this page of the browser has, unless something was missed since. */
  #fresh = new Set<Section>();
  #shown: Section | null = null;

  constructor(api: Pick<Api, 'get'>, me: Id) {
    this.#api = api;
    this.inbox = signal(emptyInbox(me));
  }

  get(id: Id): Conversation | undefined {
    return this.inbox.value.conversations.get(id);
  }

  /** The known conversations of these people. */
  of(people: readonly Id[]): Conversation[] {
    const all = [...this.inbox.value.conversations.values()];
    return all.filter(({ end_user }) => people.includes(end_user.id));
  }

  put(conversation: Conversation): void {
    if (this.get(conversation.id) === conversation) return;
    this.inbox.value = mergeConversation(this.inbox.value, conversation);
    if (this.inbox.value.conversations.size > mostKept) this.#forget();
  }

  remove(id: Id): void {
    this.inbox.value = removeConversation(this.inbox.value, id);
  }

  /** The line was down: what is shown may be incomplete. Fetches `section` again, the others when they are looked at. */
  missed(section: Section): void {
    this.#fresh = new Set();
    void this.show(section);
  }

  /** Loads the first page of a section unless it is here. */
  async show(section: Section): Promise<void> {
    this.#shown = section;
    if (this.#fresh.has(section)) return;
    this.#fresh.add(section);
    const before = this.inbox.value;
    const page = await this.#page(section, 'first', null);
    if (page) this.inbox.value = mergeFirstPage(this.inbox.value, section, page, before);
    else this.#fresh.delete(section);
  }

  /** Loads the page after the last one; does nothing where there is none or one is under way. */
  async more(section: Section): Promise<void> {
    const next = this.inbox.value.loaded[section]?.next;
    if (!next || this.isLoading(section)) return;
    const page = await this.#page(section, 'next', next);
    if (page) this.inbox.value = mergePage(this.inbox.value, section, page);
  }

  isLoading(section: Section): boolean {
    const loading = this.loading.value[section];
    return loading === 'first' || loading === 'next';
  }

  /** A console that stays open for weeks in a busy house: what was long ago is fetched when it is looked for. */
  #forget(): void {
    this.inbox.value = trim(this.inbox.value, keptAtLeast);
    this.#fresh = new Set();
    if (this.#shown) void this.show(this.#shown);
  }

  async #page(
    section: Section,
    which: 'first' | 'next',
    cursor: string | null,
  ): Promise<ConversationPage | null> {
    this.#mark(section, which);
    try {
      const query = { section, cursor };
      const page = await this.#api.get<ConversationPage>('conversations', query, isConversationPage);
      this.#mark(section, 'idle');
      return page;
    } catch {
      this.#mark(section, 'failed');
      return null;
    }
  }

  #mark(section: Section, loading: Loading): void {
    this.loading.value = { ...this.loading.value, [section]: loading };
  }
}
