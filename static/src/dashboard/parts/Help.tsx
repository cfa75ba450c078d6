import { signal } from '@preact/signals';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Switch } from '../../ui/Field';
import { useI18n } from '../../ui/I18n';
import { useApp, useCommand } from '../app';

const isOpen = signal(false);

const modifier = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** key names as they stand on the keys; a pair is an alternative */
const groups = [
  {
    title: 'help_moving',
    rows: [
      { keys: ['/'], does: 'key_search' },
      { keys: ['J', 'K'], does: 'key_move' },
      { keys: ['Enter'], does: 'key_open' },
      { keys: ['Esc'], does: 'key_back' },
    ],
  },
  {
    title: 'help_acting',
    rows: [
      { keys: ['R'], does: 'key_reply' },
      { keys: ['N'], does: 'key_note' },
      { keys: ['A'], does: 'key_assign' },
      { keys: ['T'], does: 'key_transfer' },
      { keys: ['E'], does: 'key_close' },
      { keys: ['?'], does: 'key_help' },
    ],
  },
] as const;

/** Which keys do what, and the two choices about them. */
export function Help() {
  const { t } = useI18n();
  const { settings } = useApp();
  const { shortcuts, enterSends } = settings.settings.value;
  useCommand('help', () => {
    isOpen.value = true;
  });
  const close = () => {
    isOpen.value = false;
  };
  return (
    <Dialog
      isOpen={isOpen.value}
      title={t('shortcuts')}
      onClose={close}
      actions={
        <Button kind="primary" onClick={close}>
          {t('done')}
        </Button>
      }
    >
      <div class="keys-groups">
        {groups.map(({ title, rows }) => (
          <section key={title}>
            <h3 class="details-title">{t(title)}</h3>
            <dl class="keys">
              {rows.map(({ keys, does }) => (
                <KeyRow key={does} keys={keys} does={t(does)} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <section>
        <h3 class="details-title">{t('help_writing')}</h3>
        <dl class="keys">
          <KeyRow keys={enterSends ? ['Enter'] : [`${modifier} Enter`]} does={t('key_send')} />
          <KeyRow keys={enterSends ? ['Shift Enter'] : ['Enter']} does={t('key_line')} />
        </dl>
      </section>
      <div class="choice">
        <span>{t('setting_letters')}</span>
        <Switch
          label={t('setting_letters')}
          isOn={shortcuts}
          onChange={(value) => settings.change({ shortcuts: value })}
        />
      </div>
      <div class="choice">
        <span>{t('setting_enter')}</span>
        <Switch
          label={t('setting_enter')}
          isOn={enterSends}
          onChange={(value) => settings.change({ enterSends: value })}
        />
      </div>
    </Dialog>
  );
}

function KeyRow({ keys, does }: { keys: readonly string[]; does: string }) {
  return (
    <div class="keys-row">
      <dt>
        {keys.map((key) => (
          <kbd key={key} class="kbd">
            {key}
          </kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
