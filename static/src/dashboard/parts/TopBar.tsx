import bell from 'lucide:bell';
import bellOff from 'lucide:bell-off';
import check from 'lucide:check';
import chevronDown from 'lucide:chevron-down';
import search from 'lucide:search';
import x from 'lucide:x';
import { useRef } from 'preact/hooks';
import type { Member, PresenceStatus } from '../../core/protocol';
import { Avatar, Presence } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import { ConnectionBanner } from '../../ui/ConnectionBanner';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { usePopover } from '../../ui/popover';
import { attempt, useApp, useCommand } from '../app';
import { byPresence } from '../presence';

export function TopBar() {
  const { desk } = useApp();
  return (
    <header class="topbar">
      <SearchField />
      <ConnectionBanner state={desk.connection.value} onRetry={() => desk.chat.socket.wake()} />
      <div class="topbar-end">
        <AlertsControl />
        <PresenceControl />
      </div>
    </header>
  );
}

function SearchField() {
  const { t } = useI18n();
  const { filter, settings } = useApp();
  const field = useRef<HTMLInputElement>(null);
  useCommand('search', () => field.current?.focus());
  return (
    <search class="search">
      <Icon of={search} />
      <input
        ref={field}
        class="input"
        type="text"
        enterkeyhint="search"
        dir="auto"
        autocomplete="off"
        aria-label={t('filter')}
        placeholder={t('filter')}
        value={filter.value}
        onInput={(event) => {
          filter.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || filter.value === '') return;
          event.stopPropagation();
          filter.value = '';
        }}
      />
      {filter.value ? (
        <IconButton
          icon={x}
          label={t('filter_clear')}
          onClick={() => {
            filter.value = '';
            field.current?.focus();
          }}
        />
      ) : (
        settings.settings.value.shortcuts && (
          <span class="kbd" aria-hidden="true">
            /
          </span>
        )
      )}
    </search>
  );
}

/** Off: one plain offer. On: what works, and what the browser holds back. */
function AlertsControl() {
  const { t } = useI18n();
  const { alerts, settings } = useApp();
  const popover = usePopover<HTMLDivElement>();
  if (!settings.settings.value.alerts) {
    return (
      <Button kind="ghost" size="small" icon={bellOff} onClick={() => void alerts.turnOn()}>
        <span class="topbar-word">{t('alerts_turn_on')}</span>
      </Button>
    );
  }
  const sound = alerts.sound.value;
  const notifications = alerts.notifications.value;
  const isWhole = sound === 'on' && notifications === 'granted';
  return (
    <>
      <IconButton icon={bell} label={t(isWhole ? 'alerts' : 'alerts_partly')} {...popover.button}>
        {!isWhole && <span class="icon-button-dot" />}
      </IconButton>
      <div {...popover.panel} class="menu alerts" role="dialog" aria-label={t('alerts')}>
        <p class="alerts-line">{t(`alerts_sound_${sound}`)}</p>
        <p class="alerts-line">{t(`alerts_notifications_${notifications}`)}</p>
        {notifications === 'default' && (
          <Button kind="primary" size="small" onClick={() => void alerts.turnOn()}>
            {t('alerts_allow')}
          </Button>
        )}
        <Button
          size="small"
          onClick={() => {
            popover.close();
            alerts.turnOff();
          }}
        >
          {t('alerts_turn_off')}
        </Button>
      </div>
    </>
  );
}

const choices = ['online', 'busy', 'away'] as const;

function PresenceControl() {
  const i18n = useI18n();
  const { t } = i18n;
  const app = useApp();
  const { desk } = app;
  const popover = usePopover<HTMLDivElement>();
  const isOnline = desk.connection.value.phase === 'online';
  const status: PresenceStatus = isOnline ? desk.self.status : 'offline';
  const choose = (next: (typeof choices)[number]) => {
    popover.close();
    void attempt(app, () => desk.setPresence(next));
  };
  const { buttonRef, ...button } = popover.button;
  return (
    <>
      <button
        type="button"
        {...button}
        ref={buttonRef}
        class="presence-button"
        aria-label={t('presence_now', { status: t(`presence_${status}`) })}
      >
        <Presence status={status} isSilent />
        <span class="presence-word">{t(`presence_${status}`)}</span>
        <Icon of={chevronDown} />
      </button>
      <div {...popover.panel} class="menu presence-menu" role="dialog" aria-label={t('presence')}>
        <fieldset class="presence-choices">
          <legend class="menu-title">{t('presence_own')}</legend>
          {choices.map((choice) => (
            <button
              key={choice}
              type="button"
              class="menu-item"
              aria-pressed={status === choice}
              disabled={!isOnline}
              onClick={() => choose(choice)}
            >
              <Presence status={choice} isSilent />
              <span>
                {t(`presence_${choice}`)}
                <small>{t(`presence_${choice}_means`)}</small>
              </span>
              {status === choice && <Icon of={check} class="menu-mark" />}
            </button>
          ))}
        </fieldset>
        <Colleagues members={[...desk.members.value.values()].filter(({ id }) => id !== desk.me)} />
      </div>
    </>
  );
}

function Colleagues({ members }: { members: readonly Member[] }) {
  const { t } = useI18n();
  if (members.length === 0) return null;
  return (
    <section aria-labelledby="presence-team">
      <hr class="menu-line" />
      <h2 class="menu-title" id="presence-team">
        {t('presence_team')}
      </h2>
      <ul class="colleagues">
        {[...members].sort(byPresence).map((member) => (
          <li key={member.id} class="colleague">
            <Avatar name={member.name} seed={member.id} size="small" />
            <span class="truncate" dir="auto">
              {member.name}
            </span>
            <span class="colleague-status">
              <Presence status={member.status} isSilent />
              {t(`presence_${member.status}`)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
