import smile from 'lucide:smile';
import { useEffect } from 'preact/hooks';
import { IconButton } from './Button';
import { useI18n } from './I18n';
import { usePopover } from './popover';

const emojis = [
  ...['🙂', '😊', '😀', '😂', '😉', '😍', '😎', '🤔'],
  ...['😅', '😌', '😢', '😭', '😡', '😮', '😴', '🙄'],
  ...['👍', '👎', '👏', '🙏', '🤝', '👋', '💪', '👌'],
  ...['❤️', '🎉', '🔥', '✨', '⭐', '✅', '❌', '❓'],
  ...['☎️', '📎', '📦', '🚚', '💳', '🕒', '📍', '🎁'],
];
const columns = 8;

const moves: Readonly<Record<string, number>> = { ArrowUp: -columns, ArrowDown: columns };

function stepOf(event: KeyboardEvent, panel: HTMLElement): number {
  if (event.key in moves) return moves[event.key] ?? 0;
  const forward = getComputedStyle(panel).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  if (event.key === forward) return 1;
  return event.key === 'ArrowLeft' || event.key === 'ArrowRight' ? -1 : 0;
}

/** A small set in a popover: arrows move, Enter takes, Escape closes. Screen readers know each emoji's name. */
export function EmojiPicker({ onPick }: { onPick(emoji: string): void }) {
  const { t } = useI18n();
  const { isOpen, close, button, panel } = usePopover<HTMLFieldSetElement>();
  const buttons = () => [...(panel.ref.current?.querySelectorAll('button') ?? [])];

  useEffect(() => {
    if (isOpen) buttons()[0]?.focus();
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = panel.ref.current ? stepOf(event, panel.ref.current) : 0;
    if (step === 0) return;
    event.preventDefault();
    const all = buttons();
    all[all.indexOf(document.activeElement as HTMLButtonElement) + step]?.focus();
  };

  return (
    <>
      <IconButton {...button} icon={smile} label={t('emoji')} />
      <fieldset {...panel} class="menu emoji" aria-label={t('emoji')} onKeyDown={onKeyDown}>
        {isOpen &&
          emojis.map((emoji, index) => (
            <button
              key={emoji}
              type="button"
              tabIndex={index === 0 ? 0 : -1}
              onClick={() => {
                close();
                onPick(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
      </fieldset>
    </>
  );
}
