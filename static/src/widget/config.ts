import type { Theme } from './frame_protocol';

/** What loader and frame know before anybody has acted, as docs/realtime.md states it. */

export type Look = {
  /** #rrggbb */
  color: string;
  onColor: string;
  position: 'start' | 'end';
  launcher: 'bubble' | 'hidden';
  theme: Theme;
};

/** Only what the organization wrote, by locale. */
export type Texts = Readonly<
  Record<string, { title?: string; greeting?: string; intro?: string; offline?: string }>
>;

export type LoaderConfig = {
  publicKey: string;
  name: string;
  frameUrl: string;
  look: Look;
  texts: Texts;
  locales: readonly string[];
  defaultLocale: string;
};

export type FieldName = 'name' | 'email' | 'phone' | 'topic';
export type FieldRule = 'required' | 'optional' | 'hidden';

export type WidgetConfig = {
  publicKey: string;
  name: string;
  organizationName: string;
  look: Look;
  texts: Texts;
  form: Record<FieldName, FieldRule>;
  /** "" = none */
  noticeUrl: string;
  locales: readonly string[];
  defaultLocale: string;
  /** for how long the browser keeps who it is */
  storageDays: number;
  /** for how long conversations are kept */
  retentionDays: number;
  allowedOrigins: readonly string[];
  apiUrl: string;
  socketUrl: string;
  filesUrl: string;
  /** Somebody can answer now. */
  available: boolean;
};
