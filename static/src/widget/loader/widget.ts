/** The one widget of this page. Until the visitor opens it, it is a button: no frame, no request, nothing stored. */
import { type Connect, frameProtocol, type Profile, type ToPage } from '../frame_protocol';
import { emit } from './events';
import { hasFlag, setFlag } from './flag';
import { beginLife, life } from './life';
import { closeFrame, frame, isReady, openFrame, send } from './line';
import { currentPage, watchPage } from './page';
import { safe, tell } from './safe';
import { settings } from './settings';
import { draw, enter, launcher, leave, mount, panel, raise, remove, say } from './shell';
import { chooseLocale, wordsOf } from './words';

/** A token of the customer's server, or how to get a fresh one. */
export type Identity = string | (() => string | PromiseLike<string>);

type Hearing = { [Type in ToPage['type']]: (value: Extract<ToPage, { type: Type }>['value']) => void };

const forgetMilliseconds = 5_000;

export let isBooted = false;
let isOpen = false;
let unread = 0;
let locale = '';
let identity: Identity | null = null;
let profile: Profile = {};
/** Set while a shutdown is under way. */
let ending: Promise<void> | null = null;
/** Set while this browser is being forgotten. */
let onForgotten: (() => void) | null = null;

const isKnown = () => hasFlag('localStorage', settings.publicKey);
const greetedKey = () => `${settings.publicKey}:greeted`;
const address = () => `${settings.frameUrl}#${locale}`;

/** Tells the customer's script and the console. */
export function fail(code: string, message: string): void {
  tell(message, code);
  emit('error', { code, message });
}

function redraw(): void {
  draw(isOpen, unread, locale);
}

const connect = (): Connect => ({
  livecaller: frameProtocol,
  isOpen,
  isKnown: isKnown() && !onForgotten,
  hasIdentity: !!identity && !onForgotten,
  locale,
  theme: settings.theme,
  page: currentPage(),
  profile,
});

/** The frame could not come up. The next opening tries again. */
function block(): void {
  closeFrame();
  setOpen(false);
  say(`${wordsOf(locale)[0]} ↗`, address());
  fail('blocked', 'The chat could not open. Does the policy of this page allow its frame?');
}

function load(): void {
  if (!frame) panel.append(openFrame(address(), settings.name, connect, receive, block));
}

function giveKeyboard(): void {
  if (isOpen && isReady && frame) enter(frame);
}

export function setOpen(next: boolean): void {
  if (next === isOpen || !isBooted) return;
  isOpen = next;
  mount();
  redraw();
  send({ type: 'visibility', value: isOpen });
  emit(isOpen ? 'open' : 'close');
  if (isOpen) {
    say('');
    load();
    giveKeyboard();
  } else {
    leave();
  }
}

export function toggle(): void {
  setOpen(!isOpen);
}

function dismiss(): void {
  setFlag('sessionStorage', greetedKey(), true);
  leave();
  say('');
}

async function tellIdentity(): Promise<void> {
  let value: string | null = null;
  try {
    value = typeof identity === 'function' ? await identity() : identity;
  } catch (error) {
    fail('identity', `${error}`);
  }
  send({ type: 'identity', value });
}

const hear: Hearing = {
  ready() {
    if (onForgotten) send({ type: 'forget', value: null });
    giveKeyboard();
  },
  close: () => setOpen(false),
  unread(count) {
    unread = count;
    redraw();
    emit('unread', { count });
  },
  known: (value) => setFlag('localStorage', settings.publicKey, value),
  locale(value) {
    locale = value;
    redraw();
  },
  'identity.wanted': () => void tellIdentity(),
  forgotten: () => onForgotten?.(),
  event({ name, data }) {
    if (name === 'error') tell(`${data.message}`, data.code);
    emit(name, data);
  },
};

function receive({ type, value }: ToPage): void {
  (hear[type] as (value: unknown) => void)(value);
}

/** Tells the frame where the visitor is. */
export function tellPage(): void {
  mount();
  send({ type: 'page', value: currentPage() });
}

/** Ends the session and clears what is stored here and in the frame; the widget stays. */
export async function forget(): Promise<void> {
  profile = {};
  unread = 0;
  setFlag('sessionStorage', greetedKey(), false);
  if (frame || isKnown()) {
    await new Promise<void>((resolve) => {
      onForgotten = resolve;
      setTimeout(resolve, forgetMilliseconds);
      load();
      send({ type: 'forget', value: null });
    });
    onForgotten = null;
  }
  setFlag('localStorage', settings.publicKey, false);
  redraw();
}

export function hideLauncher(isHidden: boolean): void {
  launcher.hidden = isHidden;
}

export function setLocale(wanted: string): void {
  locale = chooseLocale(wanted);
  if (!isBooted) return;
  send({ type: 'locale', value: locale });
  redraw();
}

/** null: nobody is signed in any more, so what this browser holds of that person is forgotten. */
export function identify(next: Identity | null): void {
  const isSignOut = identity && !next;
  identity = next;
  if (isSignOut) void forget();
  else send({ type: 'identity.changed', value: !!next });
}

export function update(next: Profile): void {
  profile = { ...profile, ...next };
  send({ type: 'profile', value: profile });
}

/** Once there is a body: the launcher, the greeting, and the frame of a browser that acted here before. */
const start = safe(() => {
  mount();
  const greeting = settings.texts[locale]?.greeting;
  // To look into storage for the first time is what costs a page the most, so it is done only where it matters.
  if (isKnown()) load();
  else if (greeting && !isOpen && !launcher.hidden && !hasFlag('sessionStorage', greetedKey())) say(greeting);
});

/** Speaks `wanted`, and is put on the page unless it is there. `onReady` is called when verbs may come. */
export function boot(wanted: string, onReady: () => void): void {
  if (wanted || !locale) setLocale(wanted);
  if (isBooted) return;
  if (ending) {
    void ending.then(() => boot(wanted, onReady));
    return;
  }
  isBooted = true;
  beginLife();
  raise(toggle, dismiss);
  hideLauncher(settings.launcher === 'hidden');
  redraw();
  watchPage(tellPage);
  if (document.body) start();
  else document.addEventListener('DOMContentLoaded', start, life);
  onReady();
  emit('ready');
}

async function end(): Promise<void> {
  await forget();
  closeFrame();
  remove();
  ending = null;
}

/** Forgets, then takes everything off the page. */
export async function shutdown(): Promise<void> {
  if (isBooted) {
    setOpen(false);
    isBooted = false;
    identity = null;
    hideLauncher(true);
    say('');
    life.abort();
    ending = end();
  }
  await ending;
}
