import { signal } from '@preact/signals';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useI18n } from '../../ui/I18n';
import { type App, useApp } from '../app';

const isAsking = signal(false);

/** Nothing of this operator stays in the browser: the next one may be somebody else. */
async function leave({ desk, config, csrfToken }: App): Promise<void> {
  desk.chat.stop();
  await desk.chat.outbox.clear();
  try {
    sessionStorage.clear();
  } catch {
    // Where storage is refused, nothing was stored.
  }
  submitTo(config.links.signOut, csrfToken);
}

/** Only a form that was sent may end a session. */
function submitTo(address: string, csrfToken: () => string): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = address;
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'csrfmiddlewaretoken';
  field.value = csrfToken();
  form.append(field);
  document.body.append(form);
  form.submit();
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
