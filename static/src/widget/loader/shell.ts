/** What the visitor sees on the customer's page: launcher, card and the panel around the frame. */
import css from '../../styles/launcher.css?inline';
import { button, element, text } from './draw';
import { life } from './life';
import { safe } from './safe';
import { settings } from './settings';
import { wordsOf } from './words';

export let panel: HTMLElement;
export let launcher: HTMLElement;
let host: HTMLElement;
let scope: DocumentOrShadowRoot;
let root: HTMLElement;
let card: HTMLElement;
let badge: HTMLElement;
let onToggle: () => void;
let onDismiss: () => void;
let words = wordsOf('en');
/** What had the keyboard when the panel opened. */
let opener: Element | null = null;
const view = window.visualViewport;

/** Phones: the panel is as high as what the keyboard leaves free. */
const fit = safe(() => {
  if (view?.scale !== 1) return;
  root.style.setProperty('--lcv-height', `${view.height}px`);
  root.style.setProperty('--lcv-top', `${view.offsetTop}px`);
});

/** Makes everything; `mount` puts it on the page. */
export function raise(toggle: () => void, dismiss: () => void): void {
  onToggle = toggle;
  onDismiss = dismiss;
  host = element('livecaller-widget' as 'div', '');
  // Where a page has broken attachShadow, the element itself has to do.
  const shadow = safe(() => host.attachShadow({ mode: 'closed' }))();
  scope = shadow ?? document;
  root = element('div', `root ${settings.position}`);
  panel = element('div', 'panel', { role: 'dialog', 'aria-label': settings.name });
  card = element('div', 'card');
  launcher = button('launcher', toggle);
  badge = text('badge', '');
  launcher.append(badge);
  root.append(panel, card, launcher);
  root.style.cssText = `color-scheme:${settings.theme};--color:${settings.color};--on-color:${settings.onColor}`;
  (shadow ?? host).append(root);
  safe(() => {
    // A constructed sheet needs no `unsafe-inline` in the page's policy.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    scope.adoptedStyleSheets = [...scope.adoptedStyleSheets, sheet];
  })();
  view?.addEventListener('resize', fit, life);
  view?.addEventListener('scroll', fit, life);
}

/** Puts it on the page, also again after the page threw it away. */
export function mount(): void {
  if (!host.isConnected) document.body.append(host);
}

export function draw(isOpen: boolean, unread: number, locale: string): void {
  if (root.classList.toggle('open', isOpen)) opener ??= scope.activeElement ?? document.activeElement;
  words = wordsOf(locale);
  root.lang = locale;
  badge.textContent = unread > 99 ? '99+' : `${unread || ''}`;
  launcher.setAttribute('aria-label', unread ? `${words[0]} (${unread})` : words[0]);
  launcher.setAttribute('aria-expanded', `${isOpen}`);
}

/** Shows a card: a line that opens the chat, or a link to a tab of its own. Without a line it goes. */
export function say(line: string, address = ''): void {
  const main = address ? element('a', '', { href: address, target: '_blank' }) : button('', onToggle);
  const close = button('dismiss', onDismiss);
  main.append(text('name', settings.name), text('', line));
  close.setAttribute('aria-label', words[1]);
  card.replaceChildren(...(line ? [main, close] : []));
}

/** Gives the keyboard to `target` unless the visitor is busy elsewhere on the page. */
export function enter(target: HTMLElement): void {
  if (scope.activeElement || document.activeElement === opener) target.focus();
}

/** Gives the keyboard back to where it was, if panel or card have it. */
export function leave(): void {
  if (root.contains(scope.activeElement)) {
    // The second does nothing where it is no place for a keyboard, such as the whole page.
    launcher.focus();
    (opener as HTMLElement | null)?.focus();
  }
  opener = null;
}

export function remove(): void {
  host.remove();
}
