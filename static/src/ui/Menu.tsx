import check from 'lucide:check';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from './Icon';
import { type Popover, usePopover } from './popover';

export type MenuItem = {
  id: string;
  label: string;
  icon?: IconShape;
  /** drawn before the label, such as a Presence */
  mark?: ComponentChildren;
  /** one of several choices */
  isChecked?: boolean;
  isDanger?: boolean;
  /** a line above */
  isApart?: boolean;
  onSelect(): void;
};

type MenuProps = {
  label: string;
  items: readonly MenuItem[];
  /** draws the button: spread the given props over a Button or an IconButton */
  children: (button: Popover<HTMLElement>['button'] & { 'aria-haspopup': 'menu' }) => ComponentChildren;
};

const steps: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** The item that the key leads to: by arrows, by Home and End, by its first letter. */
function follow(event: KeyboardEvent, buttons: readonly HTMLElement[]): HTMLElement | undefined {
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const step = steps[event.key];
  if (step) return buttons[step(at, buttons.length)];
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const after = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
  const letter = event.key.toLocaleLowerCase();
  return after.find((button) => button.textContent?.trim().toLocaleLowerCase().startsWith(letter));
}

export function Menu({ label, items, children }: MenuProps) {
  const popover = usePopover<HTMLDivElement>();
  const { isOpen, panel } = popover;

  const buttons = () => [...(panel.ref.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  useEffect(() => {
    if (!isOpen) return;
    const all = buttons();
    (all.find((button) => button.getAttribute('aria-checked') === 'true') ?? all[0])?.focus();
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab') popover.close();
    const next = follow(event, buttons());
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  };

  return (
    <>
      {children({ ...popover.button, 'aria-haspopup': 'menu' })}
      <div {...panel} class="menu" role="menu" tabIndex={-1} aria-label={label} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <MenuRow key={item.id} item={item} close={popover.close} />
        ))}
      </div>
    </>
  );
}

function MenuRow({ item, close }: { item: MenuItem; close: () => void }) {
  const isChoice = item.isChecked !== undefined;
  const select = () => {
    close();
    item.onSelect();
  };
  return (
    <>
      {item.isApart && <hr class="menu-line" />}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: the check is undefined unless the role is menuitemradio. */}
      <button
        type="button"
        class={item.isDanger ? 'menu-item menu-item-danger' : 'menu-item'}
        role={isChoice ? 'menuitemradio' : 'menuitem'}
        aria-checked={item.isChecked}
        tabIndex={-1}
        onClick={select}
      >
        {item.icon && <Icon of={item.icon} />}
        {item.mark}
        <span class="truncate">{item.label}</span>
        {item.isChecked && <Icon of={check} class="menu-mark" />}
      </button>
    </>
  );
}
