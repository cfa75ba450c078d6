import building from 'lucide:building';
import code from 'lucide:code-xml';
import inbox from 'lucide:inbox';
import keyboard from 'lucide:keyboard';
import logOut from 'lucide:log-out';
import moon from 'lucide:moon';
import settingsIcon from 'lucide:settings';
import sun from 'lucide:sun';
import monitor from 'lucide:sun-moon';
import users from 'lucide:users';
import { Avatar } from '../../ui/Avatar';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { Menu, type MenuItem } from '../../ui/Menu';
import { Badge } from '../../ui/marks';
import { useApp } from '../app';
import type { Theme } from '../theme';
import { Mark } from './Mark';
import { signOut } from './SignOutDialog';

type Place = { href: string; label: string; icon: IconShape };

const themes = [
  { id: 'system', icon: monitor },
  { id: 'light', icon: sun },
  { id: 'dark', icon: moon },
] as const satisfies readonly { id: Theme; icon: IconShape }[];

/** The way to the other pages, at the start of the window; at its bottom on a phone. */
export function Rail() {
  const { t } = useI18n();
  const { config, desk } = useApp();
  const { links } = config;
  const places: Place[] = [
    { href: links.team, label: t('rail_team'), icon: users },
    { href: links.widgets, label: t('rail_widgets'), icon: code },
    { href: links.settings, label: t('rail_settings'), icon: settingsIcon },
  ];
  return (
    <nav class="rail" aria-label={t('rail')}>
      <a class="rail-mark" href="#/you" aria-label={t('product')}>
        <Mark />
      </a>
      <a class="rail-link" href="#/you" aria-current="page" title={t('inbox')}>
        <Icon of={inbox} />
        <span class="rail-word">{t('inbox')}</span>
        <Badge count={desk.counts.counts.value?.unread ?? 0} countKey="unread_conversations" isAlert />
      </a>
      {places.map(({ href, label, icon }) => (
        <a key={href} class="rail-link" href={href} title={label}>
          <Icon of={icon} />
          <span class="rail-word">{label}</span>
        </a>
      ))}
      <OwnMenu />
    </nav>
  );
}

function OwnMenu() {
  const { t } = useI18n();
  const app = useApp();
  const { config, desk, theme } = app;
  const items: MenuItem[] = [
    ...themes.map(({ id, icon }) => ({
      id,
      icon,
      label: t(`theme_${id}`),
      isChecked: theme.theme.value === id,
      onSelect: () => theme.choose(id),
    })),
    {
      id: 'shortcuts',
      label: t('shortcuts'),
      icon: keyboard,
      isApart: true,
      onSelect: () => app.commands.get('help')?.(),
    },
    {
      id: 'organization',
      label: config.organization.name,
      icon: building,
      onSelect: () => location.assign(config.links.settings),
    },
    {
      id: 'sign-out',
      label: t('sign_out'),
      icon: logOut,
      onSelect: () => signOut(app),
    },
  ];
  const name = desk.self.name;
  return (
    <Menu label={name} items={items}>
      {({ buttonRef, ...button }) => (
        <button
          type="button"
          {...button}
          ref={buttonRef}
          class="rail-me"
          title={name}
          aria-label={t('own_menu', { name })}
        >
          <Avatar name={name} seed={desk.me} status={desk.self.status} />
        </button>
      )}
    </Menu>
  );
}
