import { type Signal, signal } from '@preact/signals';

/** What an operator has set for this browser. */
export type Settings = {
  /** single letters and signs are shortcuts */
  shortcuts: boolean;
  /** Enter sends and Shift+Enter begins a line; else Ctrl or Cmd with Enter sends */
  enterSends: boolean;
  /** sound and notifications */
  alerts: boolean;
};

const defaults: Settings = { shortcuts: true, enterSends: true, alerts: false };
const key = 'livecaller.console';

/** What of `stored` is readable, the defaults for the rest. */
export function readSettings(stored: string | null): Settings {
  let found: Partial<Record<keyof Settings, unknown>> = {};
  try {
    found = JSON.parse(stored ?? '{}') ?? {};
  } catch {
    // Somebody else's text under this key: as good as nothing.
  }
  const flag = (name: 'shortcuts' | 'enterSends' | 'alerts') =>
    typeof found[name] === 'boolean' ? found[name] : defaults[name];
  return {
    shortcuts: flag('shortcuts'),
    enterSends: flag('enterSends'),
    alerts: flag('alerts'),
  };
}

export type SettingsStore = {
  readonly settings: Signal<Settings>;
  change(change: Partial<Settings>): void;
};

/** Shared by all tabs of this browser; where storage is refused it holds for this page. */
export function openSettings(view: Window): SettingsStore {
  const storage = storageOf(view);
  const settings = signal(readSettings(storage?.getItem(key) ?? null));
  view.addEventListener('storage', (event) => {
    if (event.key === key) settings.value = readSettings(event.newValue);
  });
  return {
    settings,
    change(change) {
      settings.value = { ...settings.value, ...change };
      storage?.setItem(key, JSON.stringify(settings.value));
    },
  };
}

function storageOf(view: Window): Storage | null {
  try {
    return view.localStorage;
  } catch {
    return null;
  }
}
