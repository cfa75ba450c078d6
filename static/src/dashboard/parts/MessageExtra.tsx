import more from 'lucide:ellipsis';
import pencil from 'lucide:pencil';
import trash from 'lucide:trash-2';
import type { Id } from '../../core/protocol';
import type { BubbleItem, NoteItem } from '../../core/timeline';
import { IconButton } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Menu, type MenuItem } from '../../ui/Menu';
import { useApp } from '../app';
import { editKey } from '../drafts';
import { deleting, editing } from './message_actions';

/** What the operator can do with an own message that is stored: correct it, take it back. */
export function MessageExtra({ item, conversation }: { item: BubbleItem | NoteItem; conversation: Id }) {
  const { t } = useI18n();
  const { desk, drafts } = useApp();
  const { id } = item;
  if (item.kind === 'note' || id === null || item.isDeleted || item.author.id !== desk.me) return null;

  const edit = () => {
    drafts.set(editKey(id), item.body);
    editing.value = { conversation, message: id };
  };
  const remove = () => {
    deleting.value = { conversation, message: id };
  };
  const items: MenuItem[] = [
    ...(item.body ? [{ id: 'edit', label: t('edit'), icon: pencil, onSelect: edit }] : []),
    { id: 'delete', label: t('delete'), icon: trash, isDanger: true, onSelect: remove },
  ];
  return (
    <span class="message-extra">
      <Menu label={t('message_actions')} items={items}>
        {(button) => <IconButton icon={more} label={t('message_actions')} {...button} />}
      </Menu>
    </span>
  );
}
