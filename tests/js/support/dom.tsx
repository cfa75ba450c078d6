import { type ComponentChild, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach } from 'vitest';
import { createI18n } from '../../../static/src/core/i18n';
import { I18nProvider } from '../../../static/src/ui/I18n';
import english from '../../../static/src/ui/locales/en.json';

export const i18n = createI18n('en-GB', english);

const places: HTMLElement[] = [];

afterEach(() => {
  for (const place of places.splice(0)) {
    render(null, place);
    place.remove();
  }
});

/** Draws something in English into a fresh place of the page; the answer draws it anew. */
export function draw(view: ComponentChild): { place: HTMLElement; again(next: ComponentChild): void } {
  const place = document.body.appendChild(document.createElement('div'));
  places.push(place);
  const again = (next: ComponentChild) =>
    act(() => render(<I18nProvider value={i18n}>{next}</I18nProvider>, place));
  again(view);
  return { place, again };
}

export function get<E extends Element = HTMLElement>(place: ParentNode, selector: string): E {
  const found = place.querySelector<E>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** A button by its spoken name. */
export function button(place: ParentNode, name: string): HTMLButtonElement {
  const all = [...place.querySelectorAll('button')];
  const found = all.find((one) => (one.getAttribute('aria-label') ?? one.textContent?.trim()) === name);
  if (!found) throw new Error(`no button "${name}" among ${all.map((one) => one.textContent).join(', ')}`);
  return found;
}

export async function click(target: HTMLElement): Promise<void> {
  await act(async () => target.click());
}

export async function type(area: HTMLTextAreaElement | HTMLInputElement, text: string): Promise<void> {
  await act(async () => {
    area.value = text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

export async function press(
  target: HTMLElement,
  key: string,
  more: KeyboardEventInit = {},
): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  await act(async () => void target.dispatchEvent(event));
  return event;
}
