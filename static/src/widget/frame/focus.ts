import { useEffect } from 'preact/hooks';
import type { Store } from './store';

const first = 'main :is(input, textarea, button):not(:disabled, [type=file], [hidden])';
const field = 'main :is(input:not([type=file], [type=checkbox]), textarea):not(:disabled)';

/** The composer or the first field; else whatever can be pressed. */
function focusMain(): void {
  (document.querySelector<HTMLElement>(field) ?? document.querySelector<HTMLElement>(first))?.focus();
}

const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

/** The keyboard goes to where words are written, when the page hands it over and when the screen changes. */
export function useFocus(store: Store): void {
  const view = store.view.value;
  const isOpen = store.isOpen.value;
  const isWaiting = store.isResuming.value;

  useEffect(() => {
    const onFocus = () => {
      if (isNowhere()) focusMain();
    };
    addEventListener('focus', onFocus);
    return () => removeEventListener('focus', onFocus);
  }, []);

  useEffect(() => {
    if (isOpen && !isWaiting && document.hasFocus() && isNowhere()) focusMain();
  }, [isOpen, isWaiting, view]);
}

/** Escape closes the widget, unless something smaller is open that it closes first. */
export function watchEscape(close: () => void): void {
  document.addEventListener('keydown', (event) => {
    const hasLayer = document.querySelector(':popover-open, dialog[open]') !== null;
    if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing && !hasLayer) close();
  });
}
