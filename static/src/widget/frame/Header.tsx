import arrowLeft from 'lucide:arrow-left';
import x from 'lucide:x';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { textOf } from './config';
import { useApp } from './context';
import { MoreMenu } from './MoreMenu';

/** Who is on the other side: the operator of the open thread, else the organization. */
function useCounterpart(): { name: string; line: string; isTeam: boolean } {
  const { store } = useApp();
  const { t, locale } = useI18n();
  const view = store.view.value;
  const isAvailable = store.available.value;
  const team = textOf(store.config, locale, 'title') ?? store.config.organizationName;
  const operator = view.name === 'thread' ? store.operatorOf(view.id) : null;
  if (!operator) return { name: team, line: t(isAvailable ? 'state_online' : 'state_away'), isTeam: true };
  return { name: operator.name, line: t(isAvailable ? 'team_online' : 'team_away', { team }), isTeam: false };
}

export function Header() {
  const { store, isWindow } = useApp();
  const { t } = useI18n();
  const { name, line, isTeam } = useCounterpart();
  const isRoot = store.view.value.name === 'threads' || store.threads.value.length === 0;
  const isOnlyThread = store.view.value.name === 'thread' && store.threads.value.length === 1;
  return (
    <header class="widget-header">
      {!isRoot && !isOnlyThread && (
        <IconButton
          icon={arrowLeft}
          label={t('all_threads')}
          flips
          onClick={() => store.show({ name: 'threads' })}
        />
      )}
      <Avatar name={name} status={isTeam && store.available.value ? 'online' : null} />
      <div class="widget-who">
        <h1 class="widget-name truncate" dir="auto">
          {name}
        </h1>
        <p class="widget-state truncate">{line}</p>
      </div>
      <MoreMenu />
      {!isWindow && <IconButton icon={x} label={t('close')} onClick={() => store.close()} />}
    </header>
  );
}
