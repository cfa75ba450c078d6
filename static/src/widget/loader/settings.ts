import type { LoaderConfig, Look } from '../config';

declare const livecallerConfig: LoaderConfig | undefined;

/** How the widget looks on this page. */
export type Settings = Look & {
  /** "" until `boot` names one */
  publicKey: string;
  frameUrl: string;
  name: string;
  texts: LoaderConfig['texts'];
  /** a list, or a string that holds them */
  locales: readonly string[] | string;
  defaultLocale: string;
};

const script = document.currentScript as HTMLScriptElement | null;
const key = script?.dataset.widget ?? '';
const config = typeof livecallerConfig === 'undefined' ? null : livecallerConfig;

/**
 * The server's configuration where this script came with one, then what the script's `data-` attributes say:
 * data-widget (the public key, where there is no configuration), data-name, data-color, data-on-color,
 * data-position, data-launcher, data-theme, data-default-locale.
 */
export const settings: Settings = {
  publicKey: key,
  // The shared script comes from the widget host.
  frameUrl: `${script?.src.split('/', 3).join('/')}/frame/${key}`,
  name: 'Chat',
  color: '#0e6656',
  onColor: 'initial',
  position: 'end',
  launcher: 'bubble',
  theme: 'light dark',
  texts: {},
  locales: 'en ka de fr es ar he',
  defaultLocale: 'en',
  ...config,
  ...config?.look,
  ...script?.dataset,
};
