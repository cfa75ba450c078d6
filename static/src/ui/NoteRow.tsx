import stickyNote from 'lucide:sticky-note';
import { PlainText } from './Bubble';
import { useI18n } from './I18n';
import { Icon } from './Icon';
import { type NoteRowProps, Time, Unsent } from './rows';

/** A note of an operator: only the team sees it. */
export function NoteRow({ item, me, actions }: NoteRowProps) {
  const i18n = useI18n();
  const isUnsent = item.delivery === 'failed' || item.delivery === 'waiting';
  const isOwn = item.author.id === me.id;
  return (
    <div class="note" role="note" data-row data-delivery={item.delivery}>
      <Icon of={stickyNote} />
      <p class="note-head">
        {isOwn ? i18n.t('note_own') : i18n.t('note_by', { name: item.author.name })} · <Time at={item.at} />
        {item.isEdited && ` · ${i18n.t('edited')}`}
      </p>
      <p class="note-body" dir="auto">
        {item.isDeleted ? i18n.t('note_deleted') : <PlainText text={item.body} />}
      </p>
      {isUnsent && <Unsent item={item} actions={actions} />}
      {item.id !== null && actions.extra(item)}
    </div>
  );
}
