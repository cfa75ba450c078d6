import type { Id } from '../core/protocol';
import { isSection, type Section } from './sections';

/** Where the console is: it lives behind the `#`, so that a reload and a link find the same place. */
export type Route = { section: Section; conversation: Id | null };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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
