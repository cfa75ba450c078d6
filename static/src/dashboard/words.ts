import type { I18n } from '../core/i18n';
import type { Conversation, EndUserBrief, Id, LastMessage } from '../core/protocol';

/** The path of a page as people name it: without the host, decoded where it can be. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  try {
    return decodeURI(pathname) + search;
  } catch {
    return pathname + search;
  }
}

/** The last line of a list row, with its writer where that is not the end-user. */
export function lastLine(i18n: I18n, last: LastMessage | null, me: Id): string {
  if (!last) return i18n.t('nothing_written');
  if (last.kind === 'system') return i18n.t(`line_${last.body}`);
  const words = wordsOf(i18n, last);
  if (last.author.kind === 'end_user') return words;
  const who = last.author.id === me ? i18n.t('you') : last.author.name;
  return i18n.t('said_by', { name: who, words });
}

function wordsOf(i18n: I18n, { kind, body }: LastMessage): string {
  const line = body.replace(/\s+/gu, ' ').trim();
  if (line) return line;
  return i18n.t(kind === 'files' ? 'sent_files' : 'message_deleted');
}

/** Letters without case and accents, so that "jose" finds "José". */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

/** Those whose name or e-mail holds every word of `wanted`. */
export function matching(conversations: readonly Conversation[], wanted: string): Conversation[] {
  const words = folded(wanted).split(/\s+/u).filter(Boolean);
  return conversations.filter(({ end_user }) => {
    const text = folded(`${end_user.name} ${end_user.email ?? ''}`);
    return words.every((word) => text.includes(word));
  });
}

/** The clock where the end-user is, when their attributes name a time zone; else null. */
export function localTime(
  i18n: I18n,
  attributes: Readonly<Record<string, string>>,
  now: number,
): string | null {
  const timeZone = attributes.time_zone ?? attributes.timezone;
  if (!timeZone) return null;
  try {
    return i18n.date(now, { hour: '2-digit', minute: '2-digit', timeZone });
  } catch {
    return null;
  }
}

/** The language's own name for it: `ka` is "Georgian" in English. */
export function languageName(i18n: I18n, tag: string): string {
  try {
    return new Intl.DisplayNames([i18n.locale], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The time of a visit or a deletion: a day, with the year only where it is not this one. */
export function dayOf(i18n: I18n, at: string, now: number): string {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return i18n.date(date, { day: 'numeric', month: 'short', ...(!isThisYear && { year: 'numeric' }) });
}

/** "Visitor 7F3A": a name that LiveCaller made, so its letters are nobody's initials. */
export function isUnnamed({ name, email, is_verified }: EndUserBrief): boolean {
  return email === null && !is_verified && /^\S+ [0-9A-F]{4}$/.test(name);
}
