import type { Profile } from '../frame_protocol';
import { own } from '../own';
import { type Handler, off, on } from './events';
import { send } from './line';
import { safe, tell } from './safe';
import { settings } from './settings';
import * as widget from './widget';

/** The one global of the page: `LiveCaller(verb, …)`, and the names of the older script. */
export type LiveCaller = {
  (verb: string, value?: unknown, second?: unknown): unknown;
  /** What the snippet kept of calls made before this script came. */
  q?: ArrayLike<ArrayLike<unknown>>;
  $emit(name: string, value?: unknown): unknown;
  $on(name: string, run: Handler): unknown;
  config: { merge(given: unknown): void };
  liftOff(): void;
  client(): Promise<LiveCaller>;
};

/** Names of the older script that do not end in ours: what one emits is a verb, what one listens to an event. */
const older: Readonly<Record<string, string>> = {
  'ui.conversation.close': 'end',
  'app.locale.update': 'locale',
  'user.login': 'identify',
};
const nameOf = (name: string) => (own(older, name) ?? name.split('.').pop()) as string;

function textOf(value: unknown, name: string): string {
  const held = own(value, name);
  return typeof held === 'string' ? held : '';
}

function profileOf(value: unknown): Profile {
  const names = Object.keys(Object(value)).filter((name) => textOf(value, name));
  return Object.fromEntries(names.map((name) => [name, textOf(value, name)]));
}

type Verb = (value?: unknown, second?: unknown) => unknown;

/** Verbs that need a widget; before `boot` they wait. */
const later: Readonly<Record<string, Verb>> = {
  open: () => widget.setOpen(true),
  close: () => widget.setOpen(false),
  toggle: widget.toggle,
  show: () => widget.hideLauncher(false),
  hide: () => widget.hideLauncher(true),
  identify: widget.identify as Verb,
  logout: () => widget.identify(null),
  // The older script updates a person by a new token.
  update: (value) => (typeof value === 'object' ? widget.update(profileOf(value)) : call('identify', value)),
  page: widget.tellPage,
  consent: (value) => (value === false ? widget.forget() : undefined),
  end: () => send({ type: 'conversation.end', value: null }),
  call: () => widget.fail('unavailable', 'Calls are not available yet.'),
};

let early: (() => unknown)[] = [];

function catchUp(): void {
  const waiting = early;
  early = [];
  waiting.forEach((run) => {
    run();
  });
}

const now: Readonly<Record<string, Verb>> = {
  boot(options) {
    // A script of its own address has its widget already; only the shared one is told which.
    const wanted = textOf(options, 'widget');
    if (!settings.publicKey) {
      settings.publicKey = wanted;
      settings.frameUrl += wanted;
    }
    if (!settings.publicKey) tell("boot needs {widget: 'pk_…'}");
    else if (!isSecureContext) tell('the chat stays away from pages without HTTPS');
    else widget.boot(textOf(options, 'locale'), catchUp);
  },
  shutdown: widget.shutdown,
  locale: widget.setLocale as Verb,
  on: on as Verb,
  once: (name, run) => on(name as string, run as Handler, true),
  off: off as Verb,
};

const call = safe((verb: string, value?: unknown, second?: unknown): unknown => {
  const act = own(now, verb) as Verb | undefined;
  if (act) return act(value, second);
  const waits = own(later, verb) as Verb | undefined;
  if (!waits) return tell('there is no', verb);
  if (widget.isBooted) return waits(value);
  early = early.concat(() => waits(value));
  return undefined;
});

export const api: LiveCaller = Object.assign(call, {
  $emit: (name: string, value?: unknown) => call(nameOf(name), value),
  $on: (name: string, run: Handler) => call('on', nameOf(name), run),
  config: {
    merge(given: unknown) {
      const tag = textOf(own(given, 'app'), 'locale');
      if (tag) call('locale', tag);
    },
  },
  liftOff: () => void call('boot'),
  client: () => Promise.resolve(api),
});
