import type { LoaderConfig } from '../../../static/src/widget/config';

export const config: LoaderConfig = {
  publicKey: 'pk_test',
  name: 'Meridian Furniture',
  frameUrl: 'https://widget.example/frame/pk_test',
  look: { color: '#0e6656', onColor: '#ffffff', position: 'end', launcher: 'bubble', theme: 'light dark' },
  texts: { en: { greeting: 'Hello!' }, de: { greeting: 'Hallo!' } },
  locales: ['en', 'ka', 'de', 'ar'],
  defaultLocale: 'en',
};
