import { effect } from '@preact/signals';
import { render } from 'preact';
import { indexedDbStore } from '../core/outbox_store';
import { storedDrafts } from '../ui/drafts';
import { createToaster } from '../ui/Toast';
import { wakeWith } from '../ui/wake';
import '../styles/widget.css';
import type { WidgetConfig } from './config';
import { awaitPage, type Connection, silentBridge } from './frame/bridge';
import { readConfig } from './frame/config';
import type { App } from './frame/context';
import { download, saveTranscript, uploadsBy } from './frame/files';
import { watchEscape } from './frame/focus';
import { openIdentity } from './frame/identity';
import { speak } from './frame/locales';
import { memoryOf } from './frame/memory';
import { Store } from './frame/store';
import { paint, setTheme } from './frame/theme';
import { VisitorApi } from './frame/visitor_api';
import { Widget } from './frame/Widget';
import { frameProtocol } from './frame_protocol';

/** A window of its own: nobody frames it, so it is open, and knows the visitor by its own cookie. */
function ownWindow(config: WidgetConfig): Connection {
  return {
    bridge: silentBridge,
    connect: {
      livecaller: frameProtocol,
      isOpen: true,
      isKnown: true,
      hasIdentity: false,
      locale: location.hash.slice(1),
      theme: config.look.theme,
      page: { url: '', title: '', referrer: '' },
      profile: {},
    },
  };
}

async function build(config: WidgetConfig, { connect, bridge }: Connection): Promise<App> {
  const memory = memoryOf(config.publicKey);
  const wanted = (tag: string) =>
    [memory.locale(), tag, ...navigator.languages].filter((name) => name !== '');
  const identity = openIdentity(config.publicKey, () => localStorage);
  const api = new VisitorApi(config.apiUrl, identity);
  const store = new Store({
    config,
    api,
    identity,
    bridge,
    outboxOf: (endUser) => indexedDbStore(memory.outboxName(endUser)),
    remember: memory.setLocale,
    clear: memory.clear,
    speak: (tag) => speak([tag], config.locales, config.defaultLocale),
    i18n: await speak(wanted(connect.locale), config.locales, config.defaultLocale),
    page: /^https?:/.test(connect.page.url) ? connect.page : null,
    profile: connect.profile,
    isOpen: connect.isOpen,
    hasIdentity: connect.hasIdentity,
  });
  return {
    store,
    toaster: createToaster(),
    drafts: storedDrafts(memory.draftPrefix, () => sessionStorage),
    isWindow: window.parent === window,
    uploadsOf: uploadsBy(api),
    addressOf: async (attachment) => (await api.signed(attachment)).url,
    download: (attachment) => download(api, attachment),
    saveTranscript: (conversation) => saveTranscript(api, conversation),
  };
}

/** Language, unread messages and a line that comes back: what follows the store without being drawn. */
function follow({ store }: App, { bridge }: Connection): void {
  effect(() => {
    const { locale, direction } = store.i18n.value;
    document.documentElement.lang = locale;
    document.documentElement.dir = direction;
  });
  effect(() => bridge.say({ type: 'unread', value: store.unread.value }));
  effect(() => {
    const { chat } = store;
    return chat ? wakeWith(chat.socket) : undefined;
  });
}

async function start(root: HTMLElement): Promise<void> {
  const config = readConfig(document);
  paint(document.documentElement, config.look);
  const isFramed = window.parent !== window;
  const connection = isFramed ? await awaitPage(window, config.allowedOrigins) : ownWindow(config);
  setTheme(document.documentElement, connection.connect.theme);
  const app = await build(config, connection);
  const { store } = app;
  const { isKnown, isOpen, hasIdentity } = connection.connect;
  const isComingBack = isKnown || (isOpen && hasIdentity);
  if (isComingBack) void store.resume();
  render(<Widget app={app} />, root);
  follow(app, connection);
  watchEscape(() => store.close());
  connection.bridge.listen((message) => store.hear(message));
  connection.bridge.say({ type: 'ready', value: null });
  connection.bridge.say({ type: 'locale', value: store.i18n.value.locale });
}

const root = document.getElementById('app');
if (root) void start(root);
