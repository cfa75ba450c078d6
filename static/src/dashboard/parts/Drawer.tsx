import x from 'lucide:x';
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { IconButton } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { useApp } from '../app';
import { Details } from './Details';

export const isDetailsOpen = signal(false);

/** The details beside the thread where there is room, else in a drawer over it. */
export function DetailsPane() {
  const { t } = useI18n();
  const { desk, width } = useApp();
  const conversation = desk.view.value?.conversation ?? null;
  if (width.value !== 'three') return <Drawer />;
  if (!conversation) return null;
  return (
    <aside class="details-pane" aria-label={t('details')}>
      <Details key={conversation.end_user.id} conversation={conversation} />
    </aside>
  );
}

function Drawer() {
  const { t } = useI18n();
  const { desk } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const conversation = desk.view.value?.conversation ?? null;
  const isOpen = isDetailsOpen.value && conversation !== null;
  const close = () => {
    isDetailsOpen.value = false;
  };

  useEffect(() => {
    const element = dialog.current;
    if (!element || element.open === isOpen) return;
    if (isOpen) element.showModal();
    else element.close();
  }, [isOpen]);
  // Another thread, and the drawer would show another person.
  useEffect(() => close, [conversation?.id]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and the browser's own.
    <dialog
      ref={dialog}
      class="drawer"
      aria-label={t('details')}
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      {isOpen && conversation && (
        <div class="drawer-body">
          <IconButton icon={x} label={t('close')} onClick={close} />
          <Details key={conversation.end_user.id} conversation={conversation} />
        </div>
      )}
    </dialog>
  );
}
