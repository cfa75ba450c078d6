import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useI18n } from '../../ui/I18n';
import { attempt, useApp } from '../app';
import { deleting } from './message_actions';

/** There is no way back from a deleted message, hence a question. */
export function DeleteDialog() {
  const { t } = useI18n();
  const app = useApp();
  const target = deleting.value;
  const close = () => {
    deleting.value = null;
  };
  const remove = async () => {
    close();
    if (!target) return;
    await attempt(app, async () => {
      await app.desk.chat.socket.request('message.delete', target);
    });
  };
  return (
    <Dialog
      isOpen={target !== null}
      title={t('delete_question')}
      text={t('delete_text')}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button kind="danger" onClick={() => void remove()}>
            {t('delete')}
          </Button>
        </>
      }
    />
  );
}
