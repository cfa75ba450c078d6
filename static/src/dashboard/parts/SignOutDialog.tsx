import { signal } from '@preact/signals';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useI18n } from '../../ui/I18n';
import { type App, useApp } from '../app';

const isAsking = signal(false);

/** Nothing of this operator stays in the browser: the next one may be somebody else. */
async function leave({ desk, config }: App): Promise<void> {
  desk.chat.stop();
  await desk.chat.outbox.clear();
  try {
    sessionStorage.clear();
  } catch {
    // Where storage is refused, nothing was stored.
  }
  location.assign(config.links.signOut);
}

/** Signs out at once, or asks when that would lose words. */
export function signOut(app: App): void {
  if (app.desk.chat.outbox.items.length > 0) isAsking.value = true;
  else void leave(app);
}

export function SignOutDialog() {
  const { t, n } = useI18n();
  const app = useApp();
  const close = () => {
    isAsking.value = false;
  };
  return (
    <Dialog
      isOpen={isAsking.value}
      title={t('sign_out_unsent')}
      text={n('sign_out_unsent_text', app.desk.chat.outbox.items.length)}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button kind="danger" onClick={() => void leave(app)}>
            {t('sign_out_anyway')}
          </Button>
        </>
      }
    />
  );
}
