import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Within this many pixels of its end a log counts as read to the end. */
const slack = 48;

type Anchor = { element: HTMLElement; top: number };

function isAtEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight <= slack;
}

/**
 * The first row in sight, and where it stands: what must not move under the reader's eyes.
 * Not the line of a day: it goes up to the first message of its day when older ones are put in.
 */
function anchorOf(log: HTMLElement): Anchor | null {
  const edge = log.getBoundingClientRect().top;
  for (const element of log.querySelectorAll<HTMLElement>('[data-row]:not(.thread-day)')) {
    const box = element.getBoundingClientRect();
    if (box.bottom > edge) return { element, top: box.top };
  }
  return null;
}

export type StickyScroll = {
  isAtEnd: boolean;
  onScroll(): void;
  /** At once: a long smooth way would be cut off by the next row that comes in. */
  toEnd(): void;
};

/**
 * Keeps the reader's place in a log with one child that holds the rows (`data-row`). At its end it follows what is added; elsewhere nothing moves,
 * whatever is put in above or below. `revision` changes with the rows; `pull` changes when the reader wrote.
 */
export function useStickyScroll(
  ref: RefObject<HTMLElement | null>,
  revision: unknown,
  pull: unknown,
): StickyScroll {
  const [atEnd, setAtEnd] = useState(true);
  const stays = useRef(true);
  const anchor = useRef<Anchor | null>(null);
  const lastPull = useRef(pull);

  const remember = () => {
    const log = ref.current;
    if (!log) return;
    stays.current = isAtEnd(log);
    anchor.current = stays.current ? null : anchorOf(log);
    setAtEnd(stays.current);
  };

  const settle = () => {
    const log = ref.current;
    if (!log) return;
    const held = anchor.current;
    if (stays.current) log.scrollTop = log.scrollHeight;
    else if (held?.element.isConnected) log.scrollTop += held.element.getBoundingClientRect().top - held.top;
    if (held?.element.isConnected) held.top = held.element.getBoundingClientRect().top;
  };

  const toEnd = () => {
    stays.current = true;
    anchor.current = null;
    setAtEnd(true);
    const log = ref.current;
    if (log) log.scrollTop = log.scrollHeight;
  };

  useLayoutEffect(() => {
    if (lastPull.current !== pull) toEnd();
    lastPull.current = pull;
    settle();
  }, [revision, pull]);

  // The window, the composer or a late font changes the height, too.
  useEffect(() => {
    const log = ref.current;
    if (!log || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(settle);
    observer.observe(log);
    for (const rows of log.children) observer.observe(rows);
    return () => observer.disconnect();
  }, []);

  return { isAtEnd: atEnd, onScroll: remember, toEnd };
}
