import type { I18n } from './i18n';
import type { Timestamp } from './protocol';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A key that is equal for two moments of one calendar day on this device. */
export function dayKey(at: Timestamp | number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Calendar days from `at` to `now` on this device; a night with a clock change is still one day. */
function daysBetween(at: Timestamp, now: number): number {
  const noon = (moment: Timestamp | number) => new Date(moment).setHours(12, 0, 0, 0);
  return Math.round((noon(now) - noon(at)) / (day * 1000));
}

/** The line between two days: Today, Yesterday, Monday, 3 March, 3 March 2025. */
export function dayLabel(i18n: I18n, at: Timestamp, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0) return i18n.t('today');
  if (days === 1) return i18n.t('yesterday');
  const date = new Date(at);
  if (days > 1 && days < 7) return i18n.date(date, { weekday: 'long' });
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return i18n.date(date, { day: 'numeric', month: 'long', ...(!isThisYear && { year: 'numeric' }) });
}

/** 14:02 */
export function clockTime(i18n: I18n, at: Timestamp): string {
  return i18n.date(new Date(at), { timeStyle: 'short' });
}

/** The whole moment, for tooltips and `<time>` titles. */
export function fullTime(i18n: I18n, at: Timestamp): string {
  return i18n.date(new Date(at), { dateStyle: 'full', timeStyle: 'short' });
}

/** now, 2 min, 3 h, Mon, 3 Mar: for the end of a list row. */
export function shortAgo(i18n: I18n, at: Timestamp, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  if (seconds < minute) return i18n.t('now');
  if (seconds < hour) return unit(i18n, Math.floor(seconds / minute), 'minute');
  if (seconds < 12 * hour) return unit(i18n, Math.floor(seconds / hour), 'hour');
  const days = daysBetween(at, now);
  if (days === 0) return clockTime(i18n, at);
  if (days < 7) return i18n.date(new Date(at), { weekday: 'short' });
  return i18n.date(new Date(at), { day: 'numeric', month: 'short' });
}

function unit(i18n: I18n, value: number, name: 'minute' | 'hour'): string {
  return i18n.number(value, { style: 'unit', unit: name, unitDisplay: 'short' });
}

/** 2:10 or 1:02:10 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [
    Math.floor(whole / hour),
    Math.floor((whole % hour) / minute),
    whole % minute,
  ];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** 184 kB */
export function fileSize(i18n: I18n, bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return i18n.number(value, {
    style: 'unit',
    unit: sizes[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  });
}
