import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const locales = ['en', 'ka', 'de', 'fr', 'es', 'ar', 'he'];
const forms = ['zero', 'one', 'two', 'few', 'many', 'other'];
const folders = ['ui', 'widget', 'dashboard']
  .map((side) => `static/src/${side}/locales`)
  .filter((folder) => existsSync(`${folder}/en.json`));

type Catalogue = Record<string, string>;

function read(folder: string, locale: string): Catalogue {
  return JSON.parse(readFileSync(`${folder}/${locale}.json`, 'utf8')) as Catalogue;
}

/** Keys that count, without their form. A key is one of them when English has it as `_one` and `_other`. */
function counted(english: Catalogue): Set<string> {
  const stems = Object.keys(english).flatMap((key) => (key.endsWith('_one') ? [key.slice(0, -4)] : []));
  return new Set(stems.filter((stem) => `${stem}_other` in english));
}

function expectedKeys(english: Catalogue, locale: string): string[] {
  const stems = counted(english);
  const plain = Object.keys(english).filter((key) => !stems.has(key.replace(/_(one|other)$/, '')));
  const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
  const plural = [...stems].flatMap((stem) => categories.map((category) => `${stem}_${category}`));
  return [...plain, ...plural].sort();
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

function sourceOf(english: Catalogue, key: string): string {
  const stem = key.slice(0, key.lastIndexOf('_'));
  return english[key] ?? english[`${stem}_other`] ?? '';
}

test('there is something to check', () => {
  expect(folders).toContain('static/src/ui/locales');
});

describe.each(folders)('%s', (folder) => {
  const english = read(folder, 'en');

  test('holds the seven languages and nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual(locales.map((locale) => `${locale}.json`).sort());
  });

  test.each(locales)('%s has every key in every plural form', (locale) => {
    expect(Object.keys(read(folder, locale)).sort()).toEqual(expectedKeys(english, locale));
  });

  test.each(locales)('%s fills the same gaps and leaves no text empty', (locale) => {
    for (const [key, text] of Object.entries(read(folder, locale))) {
      expect(text.trim(), key).not.toBe('');
      const wanted = placeholders(sourceOf(english, key));
      // "One message" may do without its number; more than a handful may not.
      const mayOmitCount = forms.slice(0, 3).some((form) => key.endsWith(`_${form}`));
      const given = placeholders(text);
      expect(mayOmitCount ? [...new Set([...given, '{count}'])].sort() : given, key).toEqual(
        mayOmitCount ? [...new Set([...wanted, '{count}'])].sort() : wanted,
      );
    }
  });
});

test('no text of the shared components is said twice', () => {
  const shared = new Set(Object.keys(read('static/src/ui/locales', 'en')));
  for (const folder of folders.slice(1)) {
    expect(Object.keys(read(folder, 'en')).filter((key) => shared.has(key))).toEqual([]);
  }
});
