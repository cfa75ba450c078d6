/** What the customer's page says, checked: a page may be hostile, or full of strangers' scripts. */
import { type Connect, frameProtocol, type ToFrame } from '../frame_protocol';
import { own } from '../own';

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const flag: Check = (value) => typeof value === 'boolean';
const nothing: Check = (value) => value === null;
const text =
  (most: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= most;
const shape =
  (fields: Fields): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check(own(value, name)));

const tag = text(35);
const page = shape({ url: text(4096), title: text(4096), referrer: text(4096) });
const profile: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const texts = Object.values(value);
  return texts.length <= 50 && texts.every(text(320));
};

const values: Readonly<Record<ToFrame['type'], Check>> = {
  visibility: flag,
  page,
  locale: tag,
  profile,
  identity: (value) => value === null || text(8192)(value),
  'identity.changed': flag,
  'conversation.end': nothing,
  forget: nothing,
};

const connect = shape({
  livecaller: (value) => value === frameProtocol,
  isOpen: flag,
  isKnown: flag,
  hasIdentity: flag,
  locale: tag,
  theme: (value) => value === 'light dark' || value === 'light' || value === 'dark',
  page,
  profile,
});

export function readConnect(value: unknown): Connect | null {
  return connect(value) ? (value as Connect) : null;
}

export function readToFrame(message: unknown): ToFrame | null {
  const type = own(message, 'type');
  const check = typeof type === 'string' ? (own(values, type) as Check | undefined) : undefined;
  return check?.(own(message, 'value')) ? (message as ToFrame) : null;
}

/** Who the visitor is by their own or the page's word, as the server takes it. */
export type Person = { first_name?: string; last_name?: string; email?: string; phone?: string };

/** Known names only. `name` is cut at its first space; `name` and `mobile` are the older script's. */
export function personOf(given: Readonly<Record<string, string>>): Person {
  const [first, ...rest] = (given.name ?? '').trim().split(/\s+/);
  const person: Person = {};
  const put = (name: keyof Person, value: string | undefined, most: number) => {
    const kept = value?.trim().slice(0, most);
    if (kept) person[name] = kept;
  };
  put('first_name', given.first_name ?? first, 80);
  put('last_name', given.last_name ?? rest.join(' '), 80);
  put('email', given.email, 254);
  put('phone', given.phone ?? given.mobile, 32);
  return person;
}
