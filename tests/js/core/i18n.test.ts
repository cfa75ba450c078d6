import { describe, expect, test } from 'vitest';
import { chooseLocale, createI18n, directionOf } from '../../../static/src/core/i18n';

const english = createI18n('en', {
  hello: 'Hello {name}, {name}!',
  apples_one: '{count} apple',
  apples_other: '{count} apples for {name}',
});

describe('texts', () => {
  test('take their values, each time they are named', () => {
    expect(english.t('hello', { name: 'Ana' })).toBe('Hello Ana, Ana!');
  });

  test('leave what has no value standing, and take a value that looks like a pattern as it is', () => {
    expect(english.t('hello')).toBe('Hello {name}, {name}!');
    expect(english.t('hello', { name: '$& {count}' })).toBe('Hello $& {count}, $& {count}!');
  });

  test('that are missing come from the fallback, then are their key', () => {
    const german = createI18n('de', { hello: 'Hallo' }, { bye: 'Bye' });
    expect([german.t('hello'), german.t('bye'), german.t('other')]).toEqual(['Hallo', 'Bye', 'other']);
  });
});

describe('plurals', () => {
  test('follow the language', () => {
    expect(english.n('apples', 1)).toBe('1 apple');
    expect(english.n('apples', 1234, { name: 'Ana' })).toBe('1,234 apples for Ana');
    const forms = Object.fromEntries(
      ['zero', 'one', 'two', 'few', 'many', 'other'].map((form) => [`n_${form}`, form]),
    );
    const arabic = createI18n('ar', forms);
    expect([0, 1, 2, 3, 11, 100].map((count) => arabic.n('n', count))).toEqual([
      'zero',
      'one',
      'two',
      'few',
      'many',
      'other',
    ]);
    const hebrew = createI18n('he', forms);
    expect([1, 2, 5].map((count) => hebrew.n('n', count))).toEqual(['one', 'two', 'other']);
    expect(createI18n('fr', forms).n('n', 1_000_000)).toBe('many');
  });

  test('fall back to other', () => {
    expect(createI18n('ar', { n_other: 'some' }).n('n', 2)).toBe('some');
  });
});

test('an Intl object is made once for each set of options', () => {
  let made = 0;
  const Real = Intl.NumberFormat;
  Intl.NumberFormat = new Proxy(Real, {
    construct(target, args) {
      made += 1;
      return Reflect.construct(target, args) as Intl.NumberFormat;
    },
  });
  try {
    const i18n = createI18n('en', {});
    for (let count = 0; count < 5; count += 1) i18n.number(count, { style: 'percent' });
    i18n.number(1);
    expect(made).toBe(2);
  } finally {
    Intl.NumberFormat = Real;
  }
});

test('direction comes with the language, whatever the region', () => {
  expect(['ar', 'ar-EG', 'he', 'HE-IL', 'en', 'ka', 'de-AT'].map(directionOf)).toEqual([
    'rtl',
    'rtl',
    'rtl',
    'rtl',
    'ltr',
    'ltr',
    'ltr',
  ]);
});

test('the first wanted language that is offered is taken', () => {
  const offered = ['en', 'de', 'ka'];
  expect(chooseLocale(['fr-FR', 'de-AT', 'en'], offered, 'en')).toBe('de');
  expect(chooseLocale(['KA'], offered, 'en')).toBe('ka');
  expect(chooseLocale(['xx', ''], offered, 'en')).toBe('en');
});
