import { beforeEach, expect, test } from 'vitest';
import { closePickers } from '../../../static/src/ui/pickers';

const page = document.implementation.createHTMLDocument();
closePickers(page);
let pickers: HTMLDetailsElement[];

function picker(): HTMLDetailsElement {
  const details = page.createElement('details');
  details.className = 'picker';
  details.append(page.createElement('summary'), page.createElement('button'));
  page.body.append(details);
  return details;
}

beforeEach(() => {
  page.body.replaceChildren();
  pickers = [picker(), picker()];
  for (const one of pickers) one.open = true;
});

const states = () => pickers.map((one) => one.open);
const fire = (target: EventTarget | undefined, type: string, init: KeyboardEventInit = {}) =>
  target?.dispatchEvent(new KeyboardEvent(type, { bubbles: true, ...init }));

test('a click elsewhere closes all, one inside the others', () => {
  fire(pickers[0]?.querySelector('button') ?? undefined, 'click');
  expect(states()).toEqual([true, false]);
  fire(page.body, 'click');
  expect(states()).toEqual([false, false]);
});

test('tabbing out closes', () => {
  fire(pickers[1]?.querySelector('button') ?? undefined, 'focusin');
  expect(states()).toEqual([false, true]);
});

test('Escape closes, other keys do not', () => {
  fire(page.body, 'keydown', { key: 'a' });
  expect(states()).toEqual([true, true]);
  fire(page.body, 'keydown', { key: 'Escape' });
  expect(states()).toEqual([false, false]);
});
