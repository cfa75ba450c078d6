import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

export type ThemeChoice = {
  readonly theme: ReadonlySignal<Theme>;
  /** Holds at once, and for every page of this browser as soon as the server has set its cookie. */
  choose(theme: Theme): void;
};

/** `address` takes the choice, as the forms of the other pages send it. */
export function openTheme(page: HTMLElement, address: string): ThemeChoice {
  const given = page.dataset.theme;
  const theme = signal<Theme>(given === 'light' || given === 'dark' ? given : 'system');
  return {
    theme,
    choose(next) {
      theme.value = next;
      if (next === 'system') delete page.dataset.theme;
      else page.dataset.theme = next;
      const body = new URLSearchParams({ theme: next });
      // The answer leads to a page: the cookie is all that is wanted of it. A choice that is lost is made again.
      fetch(address, { method: 'POST', body, redirect: 'manual' }).catch(() => {});
    },
  };
}
