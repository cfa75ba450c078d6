/**
 * What the customer's page (the loader) and the widget's frame say to each other.
 * One window message brings the frame a port; everything after it is `{type, value}` through that port.
 * Neither side trusts the other: what has another shape is dropped. The loader counts bytes, so its guard
 * knows types only; the frame's guards (frame/guards.ts) know sizes too.
 */
import { own } from './own';

export const frameProtocol = 1;

/** The page on which the widget stands: `url` without query and fragment, `referrer` an origin or "". */
export type Page = { url: string; title: string; referrer: string };
/** What the customer's page says of the visitor, unproven. Known names: frame/guards.ts, `personOf`. */
export type Profile = Record<string, string>;
/** A `color-scheme`: both = as the visitor's device wants it. */
export type Theme = 'light dark' | 'light' | 'dark';

/** Sent to the frame's window at each load of it, with exactly one port. */
export type Connect = {
  livecaller: typeof frameProtocol;
  isOpen: boolean;
  /** This browser acted here before, so the frame may take up its session by itself. */
  isKnown: boolean;
  /** The customer's server says who the visitor is: ask with `identity.wanted`. */
  hasIdentity: boolean;
  /** What the customer's script asks for, else what the page speaks, else the browser. */
  locale: string;
  theme: Theme;
  page: Page;
  profile: Profile;
};

type Messages<Values> = { [Type in keyof Values]: { type: Type; value: Values[Type] } }[keyof Values];

export type ToFrame = Messages<{
  visibility: boolean;
  page: Page;
  locale: string;
  profile: Profile;
  /** The answer to `identity.wanted`; null when the customer's page has no token. */
  identity: string | null;
  /** Somebody signed in, out, or as somebody else: true when a token can be asked for. */
  'identity.changed': boolean;
  'conversation.end': null;
  forget: null;
}>;

/** What the customer's script hears. Never what somebody wrote: the page may be full of strangers' scripts. */
export type EventData = Record<string, string | number | boolean | null>;
export type FrameEvent = {
  name: 'availability' | 'message:sent' | 'message:received' | 'consent' | 'error';
  data: EventData;
};

export type ToPage = Messages<{
  ready: null;
  close: null;
  /** unread messages */
  unread: number;
  known: boolean;
  /** the language that the frame speaks now */
  locale: string;
  'identity.wanted': null;
  forgotten: null;
  event: FrameEvent;
}>;

const toPage: Record<ToPage['type'], string> = {
  ready: 'object',
  close: 'object',
  unread: 'number',
  known: 'boolean',
  locale: 'string',
  'identity.wanted': 'object',
  forgotten: 'object',
  event: 'object',
};

/** A message of the frame; null for what is none. */
export function readToPage(message: unknown): ToPage | null {
  const kind = own(toPage, String(own(message, 'type')));
  return kind !== undefined && typeof own(message, 'value') === kind ? (message as ToPage) : null;
}
