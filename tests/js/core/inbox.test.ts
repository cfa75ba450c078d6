import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as inboxes from '../../../static/src/core/inbox';
import type { Conversation } from '../../../static/src/core/protocol';
import { conversation } from '../support/shapes';

const me = { id: 'me', name: 'Nino' };
const colleague = { id: 'luka', name: 'Luka' };
const at = (minute: number) => `2026-11-23T14:${String(minute).padStart(2, '0')}:00.000Z`;
const ids = (rows: Conversation[]) => rows.map((row) => row.id);

function holding(...rows: Conversation[]): inboxes.Inbox {
  return rows.reduce(inboxes.mergeConversation, inboxes.emptyInbox('me'));
}

describe('sections', () => {
  const rows = [
    conversation({ id: 'mine', assignee: me }),
    conversation({ id: 'my closed', assignee: me, state: 'closed' }),
    conversation({ id: 'nobody' }),
    conversation({ id: 'theirs', assignee: colleague }),
    conversation({ id: 'spam', state: 'spam', assignee: me }),
  ];

  test.each([
    ['you', ['mine']],
    ['open', ['theirs', 'nobody', 'mine']],
    ['all', ['theirs', 'nobody', 'my closed', 'mine']],
    ['closed', ['my closed']],
    ['spam', ['spam']],
  ] as const)('%s', (section, expected) => {
    expect(ids(inboxes.listOf(holding(...rows), section))).toEqual(expected);
  });
});

describe('order', () => {
  test('newest activity first; equal times by id, as the server pages', () => {
    const inbox = holding(
      conversation({ id: 'a', updated_at: at(1) }),
      conversation({ id: 'c', updated_at: at(2) }),
      conversation({ id: 'b', updated_at: at(2) }),
    );
    expect(ids(inboxes.listOf(inbox, 'open'))).toEqual(['c', 'b', 'a']);
  });

  test('snapshots in any order, any number of times: the newest stays', () => {
    const states = [1, 2, 3, 4].flatMap((version) =>
      [0, 1].map((note_version) =>
        conversation({ version, note_version: version + note_version, unread: version }),
      ),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(states, { minLength: states.length }), (shuffled) => {
        const inbox = holding(...shuffled, ...shuffled.slice(0, 3));
        expect(inbox.conversations.get('c')).toMatchObject({ version: 4, note_version: 5 });
      }),
    );
  });

  test('an old snapshot changes nothing at all', () => {
    const inbox = holding(conversation({ version: 5 }));
    expect(inboxes.mergeConversation(inbox, conversation({ version: 4 }))).toBe(inbox);
  });
});

describe('pages', () => {
  const page = { results: [conversation({ id: 'b', updated_at: at(5) })], next: 'cursor' };
  const old = conversation({ id: 'a', updated_at: at(1) });

  test('beyond the loaded edge nothing is shown: pages do not fill in between', () => {
    const inbox = inboxes.mergePage(holding(old), 'open', page);
    expect(ids(inboxes.listOf(inbox, 'open'))).toEqual(['b']);
    expect(inbox.loaded.open).toEqual({ next: 'cursor', edge: at(5) });
  });

  test('the last page shows everything', () => {
    const first = inboxes.mergePage(holding(old), 'open', page);
    const inbox = inboxes.mergePage(first, 'open', { results: [], next: null });
    expect(ids(inboxes.listOf(inbox, 'open'))).toEqual(['b', 'a']);
  });

  test('an older page does not bring back an older state', () => {
    const inbox = holding(conversation({ id: 'b', version: 9, state: 'closed' }));
    expect(inboxes.mergePage(inbox, 'open', page).conversations.get('b')?.state).toBe('closed');
  });
});

test('a conversation that is gone leaves the list', () => {
  const inbox = holding(conversation({ id: 'a' }), conversation({ id: 'b' }));
  expect(ids(inboxes.listOf(inboxes.removeConversation(inbox, 'a'), 'all'))).toEqual(['b']);
  expect(inboxes.removeConversation(inbox, 'x')).toBe(inbox);
});

test('the title counts open conversations with something unread', () => {
  const inbox = holding(
    conversation({ id: 'a', unread: 3 }),
    conversation({ id: 'b', unread: 1, assignee: colleague }),
    conversation({ id: 'c', unread: 0 }),
    conversation({ id: 'd', unread: 2, state: 'closed' }),
    conversation({ id: 'e', unread: 2, state: 'spam' }),
  );
  expect(inboxes.unreadTotal(inbox)).toBe(2);
});
