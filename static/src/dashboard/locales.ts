import type { Catalogue } from '../core/i18n';

/** Every language but English, fetched when it is the page's. */
export const catalogues: Readonly<Record<string, () => Promise<Catalogue>>> = {
  ar: async () => (await import('locale:dashboard/ar')).default,
  de: async () => (await import('locale:dashboard/de')).default,
  es: async () => (await import('locale:dashboard/es')).default,
  fr: async () => (await import('locale:dashboard/fr')).default,
  he: async () => (await import('locale:dashboard/he')).default,
  ka: async () => (await import('locale:dashboard/ka')).default,
};
