/** What loader and frame know before anybody has acted, as docs/realtime.md states it. */

export type Look = {
  /** #rrggbb */
  color: string;
  onColor: string;
  position: 'start' | 'end';
  launcher: 'bubble' | 'hidden';
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
  storageDays: number;
  allowedOrigins: readonly string[];
  apiUrl: string;
  socketUrl: string;
  filesUrl: string;
  /** null = not known */
  available: boolean | null;
};
