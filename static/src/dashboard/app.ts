import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import type { I18n } from '../core/i18n';
import type { DraftStore } from '../ui/drafts';
import type { Toaster } from '../ui/Toast';
import type { Alerts } from './alerts';
import type { ConsoleConfig } from './config';
import { type Desk, reasonOf } from './desk';
import type { Action } from './keyboard';
import type { Route } from './route';
import type { SettingsStore } from './settings';
import type { ThemeChoice } from './theme';

/** Everything that the parts of the console share. */
export type App = {
  config: ConsoleConfig;
  i18n: I18n;
  csrfToken(): string;
  desk: Desk;
  alerts: Alerts;
  drafts: DraftStore;
  settings: SettingsStore;
  theme: ThemeChoice;
  toaster: Toaster;
  route: ReadonlySignal<Route>;
  go(route: Partial<Route>): void;
  width: Width;
  /** What is typed into the search field. */
  filter: Signal<string>;
  commands: Commands;
};

/** `one`: a single pane at a time. `two`: list and thread; the details are a drawer. */
export type Width = ReadonlySignal<'one' | 'two' | 'three'>;

/** What the shortcuts do at this moment: the part that is on the screen says so. */
export type Commands = Map<Action, () => void>;

const context = createContext<App | null>(null);
export const AppProvider = context.Provider;

export function useApp(): App {
  const app = useContext(context);
  if (!app) throw new Error('outside of the console');
  return app;
}

/** While the component is drawn, the shortcut runs this. The part that came last has the word. */
export function useCommand(action: Action, run: () => void): void {
  const { commands } = useApp();
  useEffect(() => {
    const before = commands.get(action);
    commands.set(action, run);
    return () => {
      if (commands.get(action) !== run) return;
      if (before) commands.set(action, before);
      else commands.delete(action);
    };
  });
}

/** Does something that the server may refuse, and says so in words. True when it was done. */
export async function attempt({ i18n, toaster }: App, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const { key, sentence } = reasonOf(error);
    toaster.show(sentence || i18n.t(key));
    return false;
  }
}

export function watchWidth(view: Window): Width {
  const one = view.matchMedia('(width < 820px)');
  const three = view.matchMedia('(width >= 1180px)');
  const read = () => (one.matches ? 'one' : three.matches ? 'three' : 'two');
  const width = signal<'one' | 'two' | 'three'>(read());
  for (const query of [one, three]) {
    query.addEventListener('change', () => {
      width.value = read();
    });
  }
  return width;
}
