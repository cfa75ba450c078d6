import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeCode } from '../../../static/src/core/protocol';
import { fateOf, retryDelay } from '../../../static/src/core/reconnect';

test('the first try is spread over 0.2 to 4 seconds', () => {
  expect(retryDelay(0, () => 0)).toBe(200);
  expect(retryDelay(0, () => 0.999999)).toBe(4000);
});

test('later tries grow to 30 seconds and no further', () => {
  const longest = [0, 1, 2, 3, 4, 50].map((attempt) => retryDelay(attempt, () => 0.999999));
  expect(longest).toEqual([4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('every delay keeps full jitter: any of it may be short, none is below 0.2 s', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.9999, noNaN: true }), (attempt, chance) => {
      const delay = retryDelay(attempt, () => chance);
      expect(delay).toBeGreaterThanOrEqual(200);
      expect(delay).toBeLessThanOrEqual(30_000);
      expect(retryDelay(attempt, () => 0)).toBe(200);
    }),
  );
});

test('a close code says what comes next', () => {
  expect(fateOf(closeCode.unauthenticated)).toBe('identify');
  expect(fateOf(closeCode.origin)).toBe('stop');
  for (const code of [
    closeCode.restart,
    closeCode.slow,
    closeCode.heartbeat,
    closeCode.protocol,
    1006,
    1001,
  ]) {
    expect(fateOf(code)).toBe('retry');
  }
});
