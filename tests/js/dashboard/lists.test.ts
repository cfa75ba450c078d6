import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import { listOf, type Section } from '../../../static/src/core/inbox';
import type { Conversation } from '../../../static/src/core/protocol';
import { Lists } from '../../../static/src/dashboard/lists';
import { settle } from '../support/clock';
import { conversation } from '../support/shapes';

type Page = { results: Conversation[]; next: string | null };

/** Answers when the test says so. */
class SlowApi {
  readonly asked: { section: string; cursor: string | null }[] = [];
  #answers: { resolve(page: Page): void; reject(error: Error): void }[] = [];

  get(_path: string, query: { section: string; cursor: string | null }): Promise<never> {
    this.asked.push(query);
    return new Promise<never>((resolve, reject) => {
      this.#answers.push({ resolve: resolve as unknown as (page: Page) => void, reject });
    });
  }

  async answer(page: Page): Promise<void> {
    this.#answers.shift()?.resolve(page);
    await settle();
  }

  async fail(): Promise<void> {
    this.#answers.shift()?.reject(new Refusal('offline'));
    await settle();
  }
}

/** `minute` orders the rows: the greater, the newer. */
function row(id: string, minute: number, more: Partial<Conversation> = {}): Conversation {
  const updated_at = `2026-11-23T14:${String(minute).padStart(2, '0')}:00.000Z`;
  return conversation({ id, updated_at, version: minute, ...more });
}

describe('Lists', () => {
  let api: SlowApi;
  let lists: Lists;
  const shown = (section: Section = 'open') => listOf(lists.inbox.value, section).map(({ id }) => id);

  beforeEach(() => {
    api = new SlowApi();
    lists = new Lists(api as never, 'me');
  });

  test('a section is fetched once, page after page, and never twice at a time', async () => {
    void lists.show('open');
    void lists.show('open');
    expect(api.asked).toEqual([{ section: 'open', cursor: null }]);
    expect(lists.isLoading('open')).toBe(true);
    await api.answer({ results: [row('a', 9), row('b', 8)], next: 'p2' });
    expect(shown()).toEqual(['a', 'b']);

    void lists.more('open');
    void lists.more('open');
    expect(api.asked).toHaveLength(2);
    await api.answer({ results: [row('c', 7)], next: null });
    expect(shown()).toEqual(['a', 'b', 'c']);
    await lists.more('open');
    expect(api.asked).toHaveLength(2);
  });

  test('a row that comes by the line stands at its place; beyond the loaded edge it waits', async () => {
    void lists.show('open');
    await api.answer({ results: [row('a', 9), row('b', 5)], next: 'p2' });
    lists.put(row('new', 7));
    lists.put(row('old', 1));
    expect(shown()).toEqual(['a', 'new', 'b']);
  });

  test('a change moves a row from section to section', async () => {
    void lists.show('open');
    await api.answer({ results: [row('a', 9)], next: null });
    lists.put(row('a', 10, { state: 'closed' }));
    expect(shown('open')).toEqual([]);
    expect(shown('closed')).toEqual(['a']);
  });

  test('after a loss, rows that moved on unseen are gone', async () => {
    void lists.show('open');
    await api.answer({ results: [row('a', 9), row('b', 8), row('c', 7)], next: null });
    lists.missed('open');
    // b was closed by somebody while the line was down.
    await api.answer({ results: [row('a', 9), row('c', 7)], next: null });
    expect(shown()).toEqual(['a', 'c']);
  });

  test('after a loss longer than a page there is no hole: the list ends where the page ends', async () => {
    void lists.show('open');
    await api.answer({ results: [row('a', 3), row('b', 2)], next: null });
    lists.missed('open');
    await api.answer({ results: [row('z', 30), row('y', 29)], next: 'p2' });
    expect(shown()).toEqual(['z', 'y']);
    void lists.more('open');
    await api.answer({ results: [row('x', 20), row('a', 3), row('b', 2)], next: null });
    expect(shown()).toEqual(['z', 'y', 'x', 'a', 'b']);
  });

  test('what the line brings while the page is on its way stays', async () => {
    void lists.show('open');
    await api.answer({ results: [row('a', 9)], next: null });
    lists.missed('open');
    lists.put(row('fresh', 10));
    await api.answer({ results: [row('a', 9)], next: null });
    expect(shown()).toEqual(['fresh', 'a']);
  });

  test('after a loss the other sections are fetched when they are looked at', async () => {
    void lists.show('open');
    await api.answer({ results: [], next: null });
    void lists.show('spam');
    await api.answer({ results: [], next: null });
    lists.missed('open');
    await api.answer({ results: [], next: null });
    void lists.show('spam');
    expect(api.asked.map(({ section }) => section)).toEqual(['open', 'spam', 'open', 'spam']);
  });

  test('after thousands of changes only the newest rows are kept, and the list is fetched anew', async () => {
    void lists.show('open');
    await api.answer({ results: [row('a', 1)], next: null });
    for (let number = 0; number < 2_000; number += 1) lists.put(row(`n${number}`, 2));
    expect(lists.inbox.value.conversations.size).toBe(500);
    expect(api.asked).toHaveLength(2);
    await api.answer({ results: [row('n1999', 2)], next: 'p2' });
    expect(shown()).toContain('n1999');
    expect(shown()).not.toContain('a');
  });

  test('a page that did not come can be asked for again', async () => {
    void lists.show('open');
    await api.fail();
    expect(lists.loading.value.open).toBe('failed');
    void lists.show('open');
    await api.answer({ results: [row('a', 9)], next: null });
    expect(lists.loading.value.open).toBe('idle');
    expect(shown()).toEqual(['a']);
  });
});
