import { settings } from './settings';

/** What the launcher says; everything else is said by the frame. */
type Words = readonly [chat: string, close: string];

const texts: Readonly<Record<string, Words>> = {
  en: ['Chat', 'Close'],
  ka: ['ჩატი', 'დახურვა'],
  de: ['Chat', 'Schließen'],
  fr: ['Chat', 'Fermer'],
  es: ['Chat', 'Cerrar'],
  ar: ['محادثة', 'إغلاق'],
  he: ['צ׳אט', 'סגירה'],
};

export const wordsOf = (locale: string): Words => texts[locale] ?? (texts.en as Words);

/** What the customer's script wants, else the page's language, else the browser's, else the widget's own. */
export function chooseLocale(wanted: string): string {
  const tags = [wanted, document.documentElement.lang].concat(navigator.languages);
  const languages = tags.map((tag) => tag.toLowerCase().split('-')[0] as string);
  return languages.filter((name) => name && settings.locales.includes(name))[0] ?? settings.defaultLocale;
}
