import chevronRight from 'lucide:chevron-right';
import { dayLabel } from '../../core/dates';
import type { Thread } from '../../core/protocol';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { Badge } from '../../ui/marks';
import { useApp } from './context';

/** Every conversation of this person, newest first. */
export function ThreadsScreen() {
  const { store } = useApp();
  const { t } = useI18n();
  return (
    <div class="threads">
      <h2 class="start-title">{t('all_threads')}</h2>
      <ul class="threads-list">
        {store.threads.value.map((thread) => (
          <li key={thread.id}>
            <ThreadRow thread={store.thread(thread.id) ?? thread} />
          </li>
        ))}
      </ul>
      <Button kind="primary" size="large" isBlock onClick={() => store.show({ name: 'start' })}>
        {t('new_thread')}
      </Button>
    </div>
  );
}

function ThreadRow({ thread }: { thread: Thread }) {
  const { store } = useApp();
  const i18n = useI18n();
  const name = store.operatorOf(thread.id)?.name ?? store.config.organizationName;
  const day = dayLabel(i18n, thread.created_at, Date.now());
  return (
    <button type="button" class="threads-row" onClick={() => store.show({ name: 'thread', id: thread.id })}>
      <Avatar name={name} />
      <span class="threads-words">
        <bdi class="threads-name truncate">{name}</bdi>
        <span class="threads-state">
          {day} · {i18n.t(`thread_${thread.state}`)}
        </span>
      </span>
      <Badge count={store.unreadOf(thread)} countKey="unread" isAlert />
      <Icon of={chevronRight} flips />
    </button>
  );
}
