import { isOlder } from '../core/conversation';
import type { Conversation, Id, Timestamp } from '../core/protocol';

export const sections = ['you', 'open', 'all', 'closed', 'spam'] as const;
export type Section = (typeof sections)[number];

export function isSection(name: string): name is Section {
  return (sections as readonly string[]).includes(name);
}

/** The same rule as the server's lists, so that a change moves a row without a request. */
export function belongs(section: Section, conversation: Conversation, me: Id): boolean {
  switch (section) {
    case 'you':
      return conversation.state === 'open' && conversation.assignee?.id === me;
    case 'all':
      return conversation.state !== 'spam';
    default:
      return conversation.state === section;
  }
}

/**
 * How much of one section is loaded. Everything at or after `reach` is known; null: nothing yet; '': all of it.
 */
export type Extent = {
  readonly phase: 'idle' | 'loading' | 'ready' | 'failed';
  readonly reach: Timestamp | null;
  readonly next: string | null;
};

export type Known = ReadonlyMap<Id, Conversation>;
export type Lists = { readonly known: Known; readonly extents: Readonly<Record<Section, Extent>> };
export type ListPage = { results: readonly Conversation[]; next: string | null };

const untouched: Extent = { phase: 'idle', reach: null, next: null };
const mostKnown = 2_000;
const keptKnown = 600;

export function noLists(): Lists {
  const extents = Object.fromEntries(sections.map((section) => [section, untouched]));
  return { known: new Map(), extents: extents as Record<Section, Extent> };
}

export function withExtent(lists: Lists, section: Section, change: Partial<Extent>): Lists {
  return { ...lists, extents: { ...lists.extents, [section]: { ...lists.extents[section], ...change } } };
}

/** Nothing that is loaded can be trusted to be complete any more: the next look at a section fetches it anew. */
export function withoutExtents(lists: Lists): Lists {
  const idle = sections.map((section) => [section, { ...lists.extents[section], phase: 'idle' }]);
  return { ...lists, extents: Object.fromEntries(idle) as Record<Section, Extent> };
}

function newest(one: Conversation, other: Conversation): number {
  return other.updated_at.localeCompare(one.updated_at) || other.id.localeCompare(one.id);
}

/** A console that stays open for days forgets the oldest rows; a look at them fetches them again. */
function prune(lists: Lists): Lists {
  if (lists.known.size <= mostKnown) return lists;
  const kept = [...lists.known.values()].sort(newest).slice(0, keptKnown);
  return { ...withoutExtents(lists), known: new Map(kept.map((each) => [each.id, each])) };
}

/** The newest snapshot of each conversation wins. */
export function withConversations(lists: Lists, conversations: readonly Conversation[]): Lists {
  const known = new Map(lists.known);
  for (const conversation of conversations) {
    const mine = known.get(conversation.id);
    if (!mine || !isOlder(conversation, mine)) known.set(conversation.id, conversation);
  }
  return prune({ ...lists, known });
}

export function withoutConversation(lists: Lists, id: Id): Lists {
  const known = new Map(lists.known);
  known.delete(id);
  return { ...lists, known };
}

function reachOf({ results, next }: ListPage): Timestamp {
  return next === null ? '' : (results.at(-1)?.updated_at ?? '');
}

/**
 * The first page, fetched anew. Rows that the page should hold and does not have moved on unseen (this console was
 * offline) and go, unless they came while the page was on its way: `before` is what was known when it was asked for.
 */
export function withFirstPage(lists: Lists, section: Section, page: ListPage, before: Known, me: Id): Lists {
  const reach = reachOf(page);
  const listed = new Set(page.results.map((conversation) => conversation.id));
  const isStale = (each: Conversation) =>
    belongs(section, each, me) &&
    each.updated_at >= reach &&
    !listed.has(each.id) &&
    before.get(each.id) === each;
  const known = new Map([...lists.known].filter(([, each]) => !isStale(each)));
  const next = withConversations({ ...lists, known }, page.results);
  return withExtent(next, section, { phase: 'ready', reach, next: page.next });
}

export function withNextPage(lists: Lists, section: Section, page: ListPage): Lists {
  const next = withConversations(lists, page.results);
  return withExtent(next, section, { phase: 'ready', reach: reachOf(page), next: page.next });
}

/** The rows of a section, newest activity first: without holes, hence only as far as pages were loaded. */
export function rowsOf(lists: Lists, section: Section, me: Id): Conversation[] {
  const { reach } = lists.extents[section];
  if (reach === null) return [];
  const isShown = (each: Conversation) => belongs(section, each, me) && each.updated_at >= reach;
  return [...lists.known.values()].filter(isShown).sort(newest);
}

/** True when a change of this conversation changes the numbers beside the sections. */
export function changesCounts(before: Conversation | undefined, after: Conversation): boolean {
  if (!before) return true;
  return (
    before.state !== after.state ||
    before.assignee?.id !== after.assignee?.id ||
    before.unread > 0 !== after.unread > 0 ||
    before.unread !== after.unread
  );
}
