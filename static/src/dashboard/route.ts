import { type Section, sections } from '../core/inbox';
import type { Id } from '../core/protocol';

/** Where the console is. It lives behind the `#`, so that a reload and a link find the same place. */
export type Route = { section: Section; conversation: Id | null };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isSection(name: string): name is Section {
  return (sections as readonly string[]).includes(name);
}

export function parseRoute(hash: string): Route {
  const [section = '', conversation = ''] = hash.replace(/^#\/?/, '').split('/');
  return {
    section: isSection(section) ? section : 'you',
    conversation: uuid.test(conversation) ? conversation : null,
  };
}

export function hashOf({ section, conversation }: Route): string {
  return conversation ? `#/${section}/${conversation}` : `#/${section}`;
}
