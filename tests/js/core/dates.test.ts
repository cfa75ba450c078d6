import { describe, expect, test } from 'vitest';
import * as dates from '../../../static/src/core/dates';
import { createI18n } from '../../../static/src/core/i18n';

const i18n = createI18n('en-GB', { today: 'Today', yesterday: 'Yesterday', now: 'now' });
const local = (day: number, hour = 14, month = 10, year = 2026) =>
  new Date(year, month, day, hour, 2).toISOString();
const now = Date.parse(local(23, 15));

describe('the line between days', () => {
  test.each([
    [local(23, 0), 'Today'],
    [local(22, 23), 'Yesterday'],
    [local(20), 'Friday'],
    [local(17), 'Tuesday'],
    [local(16), '16 November'],
    [local(3, 14, 2), '3 March'],
    [local(3, 14, 2, 2025), '3 March 2025'],
  ])('%s is %s', (at, label) => {
    expect(dates.dayLabel(i18n, at, now)).toBe(label);
  });

  test('one key for one day', () => {
    expect(dates.dayKey(local(23, 0))).toBe(dates.dayKey(local(23, 23)));
    expect(dates.dayKey(local(23))).not.toBe(dates.dayKey(local(22)));
  });
});

describe('how long ago', () => {
  const ago = (milliseconds: number) => dates.shortAgo(i18n, new Date(now - milliseconds).toISOString(), now);
  test.each([
    [0, 'now'],
    [59_000, 'now'],
    [-5_000, 'now'],
    [60_000, '1 min'],
    [59 * 60_000, '59 mins'],
    [2 * 3_600_000, '2 hrs'],
    [13 * 3_600_000, '02:02'],
    [30 * 3_600_000, 'Sun'],
    [20 * 86_400_000, '3 Nov'],
  ])('%i ms: %s', (milliseconds, text) => {
    expect(ago(milliseconds)).toBe(text);
  });
});

test('a clock is short, a moment is whole', () => {
  expect(dates.clockTime(i18n, local(23))).toBe('14:02');
  expect(dates.fullTime(i18n, local(23))).toContain('2026');
});

test.each([
  [0, '0:00'],
  [130.9, '2:10'],
  [3730, '1:02:10'],
  [-1, '0:00'],
])('%i seconds are %s', (seconds, text) => {
  expect(dates.duration(seconds)).toBe(text);
});

test.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1000, '1 kB'],
  [1550, '1.6 kB'],
  [184_320, '184 kB'],
  [2_345_678, '2.3 MB'],
  [5e12, '5,000 GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(dates.fileSize(i18n, bytes)).toBe(text);
});
