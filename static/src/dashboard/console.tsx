import en from 'locale:dashboard/en';
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { chooseLocale, createI18n, type I18n } from '../core/i18n';
import { indexedDbStore } from '../core/outbox_store';
import type { Conversation } from '../core/protocol';
import { storedDrafts } from '../ui/drafts';
import { createToaster } from '../ui/Toast';
import { wakeWith } from '../ui/wake';
import '../styles/console.css';
import { Alerts } from './alerts';
import { type App, watchWidth } from './app';
import { createChime } from './chime';
import { type ConsoleConfig, readConfig, readCookie } from './config';
import { Desk } from './desk';
import { createFavicon } from './favicon';
import { catalogues } from './locales';
import { Console } from './parts/Console';
import { hashOf, parseRoute, type Route } from './route';
import { openSettings } from './settings';
import { Tabs } from './tabs';
import { openTheme } from './theme';

async function speak(wanted: string): Promise<I18n> {
  const locale = chooseLocale([wanted], ['en', ...Object.keys(catalogues)], 'en');
  const load = catalogues[locale];
  // English is on board; a catalogue that does not come must not keep anybody from working.
  const catalogue = await (load?.().catch(() => en) ?? en);
  const spoken = catalogue === en ? 'en' : locale;
  // Dates and clocks as the operator's own region writes them, where it is a region of this language.
  const regional = navigator.languages.find((tag) => tag.split('-')[0] === spoken);
  return createI18n(regional ?? spoken, catalogue, en);
}

function watchRoute(): Pick<App, 'route' | 'go'> {
  const route = signal<Route>(parseRoute(location.hash));
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash);
  });
  return {
    route,
    go: (change) => {
      location.hash = hashOf({ ...route.value, ...change });
    },
  };
}

function build(config: ConsoleConfig, i18n: I18n): App {
  const { route, go } = watchRoute();
  const settings = openSettings(window);
  const { id } = config.member;
  const csrfToken = () => readCookie(document.cookie, config.csrfCookie);
  const tabs = new Tabs({
    channel: new BroadcastChannel('livecaller.console'),
    locks: navigator.locks,
    look: () => ({
      conversation: route.value.conversation,
      isVisible: !document.hidden,
      isFocused: document.hasFocus(),
    }),
  });
  const openFrom = (conversation: string) => go({ conversation });
  const alerts = new Alerts({ view: window, settings, tabs, chime: createChime(), onOpen: openFrom });
  const onArrival = (conversation: Conversation) =>
    void alerts.raise({
      conversation: conversation.id,
      title: i18n.t('alert_title'),
      body: conversation.end_user.name,
    });
  const desk = new Desk(
    {
      config,
      store: indexedDbStore(`livecaller-outbox-${config.organization.id}-${id}`),
      csrfToken,
      onArrival,
    },
    route,
  );
  return {
    config,
    i18n,
    csrfToken,
    desk,
    alerts,
    settings,
    theme: openTheme(document.documentElement, config.links.preferences),
    route,
    go,
    drafts: storedDrafts(`livecaller.draft.${id}.`, () => sessionStorage),
    toaster: createToaster(),
    width: watchWidth(window),
    filter: signal(''),
    commands: new Map(),
  };
}

/** What lies outside of the island: the tab's title and icon, the page's language and direction. */
function dressPage({ desk, i18n, config }: App): void {
  const page = document.documentElement;
  page.lang = i18n.locale;
  page.dir = i18n.direction;
  const showOnIcon = createFavicon(document);
  effect(() => {
    const unread = desk.counts.counts.value?.unread ?? 0;
    const title = `${i18n.t('inbox')} · ${config.organization.name}`;
    document.title = unread > 0 ? `(${i18n.number(unread)}) ${title}` : title;
    showOnIcon(unread);
  });
}

async function start(root: HTMLElement): Promise<void> {
  const config = readConfig(document);
  const i18n = await speak(config.locale);
  if (!isSecureContext) {
    // Without https there is neither a safe session nor a WebSocket worth the name.
    root.textContent = i18n.t('insecure');
    return;
  }
  const app = build(config, i18n);
  dressPage(app);
  render(<Console app={app} />, root);
  wakeWith(app.desk.chat.socket);
  app.desk.start();
}

const root = document.getElementById('console');
if (root) void start(root);
