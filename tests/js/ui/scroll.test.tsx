import { render } from 'preact';
import { useRef } from 'preact/hooks';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type StickyScroll, useStickyScroll } from '../../../static/src/ui/scroll';

const rowHeight = 100;
const sight = 300;

let scroll: StickyScroll;

function Log({ rows }: { rows: readonly string[] }) {
  const ref = useRef<HTMLDivElement>(null);
  scroll = useStickyScroll(ref, rows, '');
  return (
    <div id="log" ref={ref}>
      {rows.map((row) => (
        <p key={row} data-row class={row.startsWith('day') ? 'thread-day' : 'message'}>
          {row}
        </p>
      ))}
    </div>
  );
}

const log = () => document.getElementById('log') as HTMLElement;
const draw = (...rows: string[]) => act(() => render(<Log rows={rows} />, document.body));
/** What stands at the top edge, and how far it is from it. */
const atTop = () => {
  const rows = [...log().querySelectorAll('p')];
  const index = Math.floor(log().scrollTop / rowHeight);
  return [rows[index]?.textContent, log().scrollTop % rowHeight];
};

function scrollTo(top: number): void {
  log().scrollTop = top;
  act(() => scroll.onScroll());
}

/** A layout for a page without one: rows of one height, one below the other. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(function (this: HTMLElement) {
    const index = this.parentElement ? [...this.parentElement.children].indexOf(this) : 0;
    const top = this.id === 'log' ? 0 : index * rowHeight - (this.parentElement?.scrollTop ?? 0);
    return { top, bottom: top + rowHeight } as DOMRect;
  });
  const height = (own: (log: HTMLElement) => number) => ({
    configurable: true,
    get(this: HTMLElement) {
      return own(this);
    },
  });
  Object.defineProperty(
    HTMLElement.prototype,
    'scrollHeight',
    height((it) => it.children.length * rowHeight),
  );
  Object.defineProperty(
    HTMLElement.prototype,
    'clientHeight',
    height(() => sight),
  );
});

afterEach(() => {
  act(() => render(null, document.body));
  Reflect.deleteProperty(HTMLElement.prototype, 'scrollHeight');
  Reflect.deleteProperty(HTMLElement.prototype, 'clientHeight');
});

test('what is put in above moves nothing, though the line of the day goes up with it', () => {
  draw('day 1', 'm4', 'm5', 'm6', 'm7', 'm8');
  scrollTo(0);
  draw('day 1', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8');
  // The day stood at the edge and m4 below it: m4 stays where it was.
  expect(log().scrollTop).toBe(300);
  expect(atTop()).toEqual(['m3', 0]);
});

test('in the middle of a log neither older nor newer rows move what is read', () => {
  draw('day 1', 'm4', 'm5', 'm6', 'm7', 'm8');
  scrollTo(240);
  expect(atTop()).toEqual(['m5', 40]);
  draw('day 1', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9');
  expect(atTop()).toEqual(['m5', 40]);
  draw('day 1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9');
  expect(atTop()).toEqual(['m5', 40]);
});

test('at its end it follows', () => {
  draw('day 1', 'm1', 'm2', 'm3', 'm4');
  scrollTo(200);
  draw('day 1', 'm1', 'm2', 'm3', 'm4', 'm5');
  expect(log().scrollTop).toBe(600);
});
