import { type Mock, vi } from 'vitest';
import type { LoaderConfig } from '../../../static/src/widget/config';
import type { Connect, ToFrame, ToPage } from '../../../static/src/widget/frame_protocol';
import type { LiveCaller } from '../../../static/src/widget/loader/api';
import { config } from './samples';

const attachShadow = Element.prototype.attachShadow;
/** What the developer of the page reads. */
export let told: Mock = vi.fn();
let roots: ShadowRoot[] = [];
let lives: { readonly life: AbortController }[] = [];

/** A fresh page of a customer, as the script finds it. */
export function cleanPage(): void {
  for (const module of lives) module.life.abort();
  lives = [];
  roots = [];
  document.body.replaceChildren();
  vi.spyOn(console, 'error').mockImplementation(() => {});
  told = vi.spyOn(console, 'warn').mockImplementation(() => {});
  document.documentElement.lang = 'en';
  document.title = 'Shop';
  localStorage.clear();
  sessionStorage.clear();
  Reflect.deleteProperty(window, 'LiveCaller');
  Reflect.deleteProperty(globalThis, 'livecallerConfig');
  Reflect.deleteProperty(globalThis, 'isSecureContext');
  Object.defineProperty(globalThis, 'isSecureContext', { value: true, configurable: true, writable: true });
  // What a hostile page does, too: here it lets the test look into the closed root.
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    roots.push(root);
    return root;
  };
}

type Options = { config?: LoaderConfig | null; script?: Record<string, string>; stub?: unknown };

/** Runs the loader as the browser would: once, with what the server gave it. */
export async function loadLoader(options: Options = {}): Promise<LiveCaller> {
  const given = options.config === undefined ? config : options.config;
  if (given) vi.stubGlobal('livecallerConfig', given);
  if (options.stub) window.LiveCaller = options.stub as LiveCaller;
  const script = document.createElement('script');
  for (const [name, value] of Object.entries(options.script ?? {})) script.setAttribute(name, value);
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(script);
  vi.resetModules();
  await import('../../../static/src/widget/loader');
  lives.push(await import('../../../static/src/widget/loader/life'));
  return window.LiveCaller as LiveCaller;
}

export function root(): ShadowRoot {
  const newest = roots.at(-1);
  if (!newest) throw new Error('nothing was drawn');
  return newest;
}

export function find<E extends Element>(selector: string): E {
  const found = root().querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

export const launcher = () => find<HTMLButtonElement>('.launcher');
export const frames = () => [...root().querySelectorAll('iframe')];

/** The frame's side of the line. */
export type Frame = {
  connect: Connect;
  origin: string;
  heard: ToFrame[];
  say(message: ToPage | unknown): Promise<void>;
};

/** Lets the frame load, and takes its end of the channel. */
export async function frameLoads(): Promise<Frame> {
  const [element] = frames();
  if (!element) throw new Error('no frame');
  const posted = vi.fn();
  Object.defineProperty(element, 'contentWindow', { value: { postMessage: posted }, configurable: true });
  element.dispatchEvent(new Event('load'));
  const [connect, origin, [port]] = posted.mock.calls[0] as [Connect, string, [MessagePort]];
  const heard: ToFrame[] = [];
  port.onmessage = (event) => heard.push(event.data as ToFrame);
  return {
    connect,
    origin,
    heard,
    async say(message) {
      port.postMessage(message);
      await settle();
    },
  };
}

/** The names of everything that the browser keeps for the page. */
export const stored = () => [...Object.keys(localStorage), ...Object.keys(sessionStorage)];

/** Ports deliver in a later task. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
