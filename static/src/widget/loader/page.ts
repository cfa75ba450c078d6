import type { Page } from '../frame_protocol';
import { life } from './life';
import { safe } from './safe';

/** Queries and fragments stay at home: they hold names, tokens and searches. */
export function currentPage(): Page {
  return {
    url: location.origin + location.pathname,
    title: document.title,
    referrer: document.referrer && new URL(document.referrer).origin,
  };
}

/** Calls `onChange` shortly after a single-page application went elsewhere, until the end of this life. */
export function watchPage(onChange: () => void): void {
  const { signal } = life;
  let timer: ReturnType<typeof setTimeout>;
  const run = safe(() => {
    if (!signal.aborted) onChange();
  });
  // Applications set the title a moment after the address, and some replace the state several times.
  const told = () => {
    clearTimeout(timer);
    timer = setTimeout(run, 100);
  };
  (['pushState', 'replaceState'] as const).forEach(
    safe((name) => {
      const original = history[name];
      // Its own property, so that a frozen prototype is no obstacle. It stays after the end, passing on:
      // somebody may have wrapped it in the meantime.
      Object.defineProperty(history, name, {
        configurable: true,
        writable: true,
        value(this: History, ...values: Parameters<typeof original>) {
          original.apply(this, values);
          told();
        },
      });
    }),
  );
  addEventListener('popstate', told, { signal });
}
