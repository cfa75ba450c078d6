import { describe, expect, test, vi } from 'vitest';
import { changesCounts, SectionCounts } from '../../../static/src/dashboard/counts';
import { fakeClock, settle } from '../support/clock';
import { conversation } from '../support/shapes';

describe('SectionCounts', () => {
  test('asks at once, and then at most once in two seconds', async () => {
    const clock = fakeClock();
    let open = 0;
    const get = vi.fn(async () => {
      open += 1;
      return { you: 0, open, spam: 0, unread: 0 };
    });
    const counts = new SectionCounts({ get } as never, clock);
    for (let change = 0; change < 50; change += 1) counts.refresh();
    await settle();
    expect(get).toHaveBeenCalledOnce();
    expect(counts.counts.value?.open).toBe(1);

    await clock.advance(2_000);
    expect(get).toHaveBeenCalledTimes(2);
    expect(counts.counts.value?.open).toBe(2);
    await clock.advance(60_000);
    expect(get).toHaveBeenCalledTimes(2);
    counts.refresh();
    expect(get).toHaveBeenCalledTimes(3);
  });

  test('a lost answer leaves the numbers as they are', async () => {
    const clock = fakeClock();
    const get = vi.fn().mockResolvedValueOnce({ you: 1, open: 2, spam: 3, unread: 4 });
    get.mockRejectedValue(new Error('offline'));
    const counts = new SectionCounts({ get } as never, clock);
    counts.refresh();
    await clock.advance(5_000);
    counts.refresh();
    await settle();
    expect(get).toHaveBeenCalledTimes(2);
    expect(counts.counts.value).toEqual({ you: 1, open: 2, spam: 3, unread: 4 });
  });
});

describe('changesCounts', () => {
  const before = conversation({ assignee: { id: 'a', name: 'A' }, unread: 1 });
  test.each([
    ['nothing known before', undefined, before, true],
    ['another state', before, { ...before, state: 'closed' as const }, true],
    ['another assignee', before, { ...before, assignee: null }, true],
    ['another number of unread', before, { ...before, unread: 0 }, true],
    ['a newer version alone', before, { ...before, version: 9 }, false],
    ['a new name of the same assignee', before, { ...before, assignee: { id: 'a', name: 'B' } }, false],
  ])('%s', (_name, one, other, expected) => {
    expect(changesCounts(one, other)).toBe(expected);
  });
});
