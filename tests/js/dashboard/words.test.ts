import { describe, expect, test } from 'vitest';
import { createI18n } from '../../../static/src/core/i18n';
import english from '../../../static/src/dashboard/locales/en.json';
import {
  dayOf,
  folded,
  isUnnamed,
  languageName,
  lastLine,
  localTime,
  matching,
  pathOf,
} from '../../../static/src/dashboard/words';
import shared from '../../../static/src/ui/locales/en.json';
import { conversation, endUser, operator } from '../support/shapes';

const i18n = createI18n('en', { ...shared, ...english });
const at = '2026-11-23T14:00:00.000Z';

test.each([
  ['https://shop.example/orders/48213', '/orders/48213'],
  ['https://shop.example/', '/'],
  ['https://shop.example/s%C3%B8fa?color=gr%C3%BCn', '/søfa?color=gr%C3%BCn'],
  ['https://shop.example/100%', '/100%'],
  ['not an address', 'not an address'],
])('the path of %s', (url, path) => {
  expect(pathOf(url)).toBe(path);
});

describe('lastLine', () => {
  const line = (more: object) =>
    lastLine(i18n, { kind: 'text', author: endUser, body: 'Hello', created_at: at, ...more }, 'op');

  test('the end-user needs no name', () => expect(line({})).toBe('Hello'));
  test('the operator who looks is called you', () => {
    expect(line({ author: operator })).toBe('You: Hello');
  });
  test('a colleague is named', () => {
    expect(line({ author: { kind: 'operator', id: 'other', name: 'Luka' } })).toBe('Luka: Hello');
  });
  test('several lines become one', () => expect(line({ body: ' one\n\n two ' })).toBe('one two'));
  test('files without words', () => expect(line({ kind: 'files', body: '' })).toBe('Sent files'));
  test('nothing left of a deleted message', () => {
    expect(line({ body: '' })).toBe('This message was deleted');
  });
  test('a line of the system is a code', () => {
    expect(line({ kind: 'system', body: 'closed', author: { kind: 'system', id: null, name: '' } })).toBe(
      'Closed',
    );
  });
  test('nothing at all', () => expect(lastLine(i18n, null, 'op')).toBe('Nothing written yet'));
});

describe('matching', () => {
  const named = (name: string, email: string | null = null) =>
    conversation({ id: name, end_user: { id: name, name, email, is_verified: false, is_online: false } });
  const all = [named('José Núñez'), named('Ana Beridze', 'ana@example.ge'), named('დავით კობახიძე')];
  const found = (wanted: string) => matching(all, wanted).map(({ id }) => id);

  test('without case and accents', () => expect(found('JOSE nunez')).toEqual(['José Núñez']));
  test('every word must be there, in any order', () => {
    expect(found('nunez jo')).toEqual(['José Núñez']);
    expect(found('ana nunez')).toEqual([]);
  });
  test('by e-mail', () => expect(found('example.ge')).toEqual(['Ana Beridze']));
  test('in another script', () => expect(found('კობა')).toEqual(['დავით კობახიძე']));
  test('blanks ask for nothing', () => expect(found('  ')).toHaveLength(3));
});

test('folded keeps what is no accent', () => {
  expect(folded('Łódź ŞIRIN')).toBe('łodz sirin');
});

describe('localTime', () => {
  const now = Date.UTC(2026, 10, 23, 10, 5);
  test('where the attributes name a zone', () => {
    expect(localTime(i18n, { time_zone: 'Asia/Tbilisi' }, now)).toContain('02:05');
  });
  test('not where they do not', () => expect(localTime(i18n, {}, now)).toBeNull());
  test('not where the zone is made up', () => {
    expect(localTime(i18n, { time_zone: 'Mars/Olympus' }, now)).toBeNull();
  });
});

test('a language by its name, and an unknown tag as it is', () => {
  expect(languageName(i18n, 'ka')).toBe('Georgian');
  expect(languageName(i18n, '%%')).toBe('%%');
});

test('the year stands only where it is not this one', () => {
  const now = Date.parse(at);
  expect(dayOf(i18n, '2026-03-04T12:00:00.000Z', now)).toBe('Mar 4');
  expect(dayOf(i18n, '2027-03-04T12:00:00.000Z', now)).toBe('Mar 4, 2027');
});

describe('isUnnamed', () => {
  const brief = { id: 'x', email: null, is_verified: false, is_online: true };
  test('a name that LiveCaller made', () => {
    expect(isUnnamed({ ...brief, name: 'Visitor 7F3A' })).toBe(true);
  });
  test('a name that somebody gave', () => {
    expect(isUnnamed({ ...brief, name: 'Ana Beridze' })).toBe(false);
    expect(isUnnamed({ ...brief, name: 'Guest 00FF', email: 'a@example.com' })).toBe(false);
  });
});
