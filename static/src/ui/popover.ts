import type { RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

export type Popover<Panel extends HTMLElement> = {
  isOpen: boolean;
  open(): void;
  close(): void;
  /** spread over the button that opens it */
  button: {
    buttonRef: RefObject<HTMLButtonElement | null>;
    popovertarget: string;
    'aria-expanded': boolean;
    'aria-controls': string;
  };
  /** spread over the panel, which carries `popover` */
  panel: { ref: RefObject<Panel | null>; id: string; popover: 'auto' };
};

const gap = 6;
const margin = 8;

function inRange(value: number, from: number, to: number): number {
  return Math.max(from, Math.min(value, to));
}

/** Below the button where it fits, else above; its start at the button's start, inside the window. */
function place(panel: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const isRightToLeft = getComputedStyle(button).direction === 'rtl';
  const left = isRightToLeft ? anchor.right - width : anchor.left;
  const below = anchor.bottom + gap;
  const top = below + height + margin <= innerHeight ? below : anchor.top - gap - height;
  panel.style.left = `${inRange(left, margin, innerWidth - width - margin)}px`;
  panel.style.top = `${inRange(top, margin, innerHeight - height - margin)}px`;
}

/** A native popover beside its button: closes by Escape and by a click elsewhere, and gives the focus back. */
export function usePopover<Panel extends HTMLElement>(): Popover<Panel> {
  const id = useId();
  const buttonRef = useRef<HTMLButtonElement>(null);
  const ref = useRef<Panel>(null);
  const [isOpen, setOpen] = useState(false);

  useEffect(() => {
    const panel = ref.current;
    if (!panel) return;
    const onToggle = (event: Event) => setOpen((event as ToggleEvent).newState === 'open');
    panel.addEventListener('toggle', onToggle);
    return () => panel.removeEventListener('toggle', onToggle);
  }, []);

  // After the panel has drawn what it shows when open: only then it has its size.
  useLayoutEffect(() => {
    if (isOpen && ref.current && buttonRef.current) place(ref.current, buttonRef.current);
  }, [isOpen]);

  return {
    isOpen,
    open: () => ref.current?.showPopover(),
    close: () => ref.current?.hidePopover(),
    button: { buttonRef, popovertarget: id, 'aria-expanded': isOpen, 'aria-controls': id },
    panel: { ref, id, popover: 'auto' },
  };
}
