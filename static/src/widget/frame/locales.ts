import en from 'locale:widget/en';
import { type Catalogue, chooseLocale, createI18n, type I18n } from '../../core/i18n';

/** Every language but English, fetched when it is spoken. */
const catalogues: Readonly<Record<string, () => Promise<Catalogue>>> = {
  ar: async () => (await import('locale:widget/ar')).default,
  de: async () => (await import('locale:widget/de')).default,
  es: async () => (await import('locale:widget/es')).default,
  fr: async () => (await import('locale:widget/fr')).default,
  he: async () => (await import('locale:widget/he')).default,
  ka: async () => (await import('locale:widget/ka')).default,
};

/** What each language is called by those who speak it. */
export const languageNames: Readonly<Record<string, string>> = {
  en: 'English',
  ka: 'ქართული',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ar: 'العربية',
  he: 'עברית',
};

/** Dates and times as they are written where the visitor lives: `en` becomes `en-GB`. */
function regionOf(locale: string): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${locale}-`)) ?? locale;
}

/** The first of `wanted` that is offered; English where its catalogue does not come. */
export async function speak(
  wanted: readonly string[],
  offered: readonly string[],
  otherwise: string,
): Promise<I18n> {
  const locale = chooseLocale(wanted, offered, otherwise);
  const catalogue = await (catalogues[locale]?.().catch(() => en) ?? en);
  const spoken = catalogue === en ? 'en' : locale;
  return { ...createI18n(regionOf(spoken), catalogue, en), locale: spoken };
}
