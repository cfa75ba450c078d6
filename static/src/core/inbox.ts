import { isOlder } from './conversation';
import type { Conversation, Id, Timestamp } from './protocol';

export const sections = ['you', 'open', 'all', 'closed', 'spam'] as const;
export type Section = (typeof sections)[number];

/** How far a section is loaded. `edge`: nothing older is known for sure; null when everything is loaded. */
export type Loaded = { readonly next: string | null; readonly edge: Timestamp | null };

/** The operator's list: every conversation this page has heard of, each in its newest state. */
export type Inbox = {
  readonly me: Id;
  readonly conversations: ReadonlyMap<Id, Conversation>;
  readonly loaded: Readonly<Partial<Record<Section, Loaded>>>;
};

export function emptyInbox(me: Id): Inbox {
  return { me, conversations: new Map(), loaded: {} };
}

export function isIn(section: Section, conversation: Conversation, me: Id): boolean {
  const { state, assignee } = conversation;
  switch (section) {
    case 'you':
      return state === 'open' && assignee?.id === me;
    case 'open':
      return state === 'open';
    case 'all':
      return state !== 'spam';
    default:
      return state === section;
  }
}

/** Newest activity first; the id settles ties, so that the order is the same everywhere. */
function byActivity(one: Conversation, other: Conversation): number {
  return compare(other.updated_at, one.updated_at) || compare(other.id, one.id);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A snapshot from wherever it comes. An older one changes nothing. */
export function mergeConversation(inbox: Inbox, conversation: Conversation): Inbox {
  const known = inbox.conversations.get(conversation.id);
  if (known && isOlder(conversation, known)) return inbox;
  return { ...inbox, conversations: new Map(inbox.conversations).set(conversation.id, conversation) };
}

/** One page of `GET conversations?section=`. It moves the section's edge. */
export function mergePage(
  inbox: Inbox,
  section: Section,
  page: { results: readonly Conversation[]; next: string | null },
): Inbox {
  const merged = page.results.reduce(mergeConversation, inbox);
  const edge = page.next === null ? null : (page.results.at(-1)?.updated_at ?? null);
  return { ...merged, loaded: { ...inbox.loaded, [section]: { next: page.next, edge } } };
}

/**
 * The first page, fetched anew after changes may have been missed. Rows that the page should hold and does not
 * have moved on unseen and go, unless they came while the page was on its way: `before` is the inbox that asked.
 */
export function mergeFirstPage(
  inbox: Inbox,
  section: Section,
  page: { results: readonly Conversation[]; next: string | null },
  before: Inbox,
): Inbox {
  const merged = mergePage(inbox, section, page);
  const listed = new Set(page.results.map((conversation) => conversation.id));
  const stale = listOf(merged, section).filter(
    (conversation) =>
      !listed.has(conversation.id) && before.conversations.get(conversation.id) === conversation,
  );
  return stale.reduce((left, conversation) => removeConversation(left, conversation.id), merged);
}

/** The newest `keep` conversations and nothing else: every section has to be loaded anew. */
export function trim(inbox: Inbox, keep: number): Inbox {
  const kept = [...inbox.conversations.values()].sort(byActivity).slice(0, keep);
  return { ...inbox, conversations: new Map(kept.map((each) => [each.id, each])), loaded: {} };
}

/** It is gone, or not for this operator any more. */
export function removeConversation(inbox: Inbox, id: Id): Inbox {
  const conversations = new Map(inbox.conversations);
  return conversations.delete(id) ? { ...inbox, conversations } : inbox;
}

/** The rows of a section. Beyond its loaded edge nothing is shown, so that later pages never fill in between. */
export function listOf(inbox: Inbox, section: Section): Conversation[] {
  const edge = inbox.loaded[section]?.edge ?? null;
  const rows = [...inbox.conversations.values()].filter(
    (conversation) =>
      isIn(section, conversation, inbox.me) && (edge === null || conversation.updated_at >= edge),
  );
  return rows.sort(byActivity);
}

/** Open conversations with something unread, as `GET conversations/counts` counts them: the number in the title. */
export function unreadTotal(inbox: Inbox): number {
  return [...inbox.conversations.values()].filter(({ state, unread }) => state === 'open' && unread > 0)
    .length;
}
