import ellipsis from 'lucide:ellipsis-vertical';
import eraser from 'lucide:eraser';
import fileDown from 'lucide:file-down';
import languages from 'lucide:languages';
import messageCirclePlus from 'lucide:message-circle-plus';
import messageCircleX from 'lucide:message-circle-x';
import { useState } from 'preact/hooks';
import { Button, IconButton } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useI18n } from '../../ui/I18n';
import { Menu, type MenuItem } from '../../ui/Menu';
import { useAttempt } from './attempt';
import { useApp } from './context';
import { LanguageDialog } from './Language';

type Asked = 'nothing' | 'end' | 'forget' | 'language';

/** What the thread in sight allows. */
function useItems(ask: (what: Asked) => void): MenuItem[] {
  const { store, saveTranscript } = useApp();
  const { t } = useI18n();
  const attempt = useAttempt();
  const view = store.view.value;
  const thread = view.name === 'thread' ? store.thread(view.id) : null;
  const items: (MenuItem | false)[] = [
    thread?.state === 'closed' && {
      id: 'new',
      label: t('new_thread'),
      icon: messageCirclePlus,
      onSelect: () => store.show({ name: 'start' }),
    },
    thread !== null && {
      id: 'transcript',
      label: t('transcript'),
      icon: fileDown,
      onSelect: () => void attempt(() => saveTranscript(thread.id)),
    },
    store.config.locales.length > 1 && {
      id: 'language',
      label: t('language'),
      icon: languages,
      onSelect: () => ask('language'),
    },
    thread?.state === 'open' && {
      id: 'end',
      label: t('end_thread'),
      icon: messageCircleX,
      isApart: true,
      onSelect: () => ask('end'),
    },
    store.me.value !== null && {
      id: 'forget',
      label: t('forget'),
      icon: eraser,
      isDanger: true,
      onSelect: () => ask('forget'),
    },
  ];
  return items.filter((item) => item !== false);
}

/** Everything that is needed seldom. */
export function MoreMenu() {
  const { t } = useI18n();
  const [asked, ask] = useState<Asked>('nothing');
  const items = useItems(ask);
  const done = () => ask('nothing');
  if (items.length === 0) return null;
  return (
    <>
      <Menu label={t('more')} items={items}>
        {(button) => <IconButton {...button} icon={ellipsis} label={t('more')} />}
      </Menu>
      <EndDialog isOpen={asked === 'end'} onClose={done} />
      <ForgetDialog isOpen={asked === 'forget'} onClose={done} />
      <LanguageDialog isOpen={asked === 'language'} onClose={done} />
    </>
  );
}

type AskProps = { isOpen: boolean; onClose(): void };

function EndDialog({ isOpen, onClose }: AskProps) {
  const { store } = useApp();
  const { t } = useI18n();
  const attempt = useAttempt();
  const view = store.view.value;
  const end = () => {
    onClose();
    if (view.name === 'thread') void attempt(() => store.end(view.id));
  };
  return (
    <Dialog
      isOpen={isOpen}
      title={t('end_title')}
      text={t('end_text')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" onClick={end}>
            {t('end_thread')}
          </Button>
        </>
      }
    />
  );
}

function ForgetDialog({ isOpen, onClose }: AskProps) {
  const { store } = useApp();
  const { t } = useI18n();
  const attempt = useAttempt();
  const forget = () => {
    onClose();
    void attempt(() => store.forget(), 'forgotten');
  };
  return (
    <Dialog
      isOpen={isOpen}
      title={t('forget_title')}
      text={t('forget_text', { organization: store.config.organizationName })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" onClick={forget}>
            {t('forget')}
          </Button>
        </>
      }
    />
  );
}
