import { Dialog } from '../../ui/Dialog';
import { useI18n } from '../../ui/I18n';
import { useApp } from '../app';

/** The session ended (4401), or this browser may not connect (4403): nothing goes on without the operator. */
export function Stopped() {
  const { t } = useI18n();
  const { desk } = useApp();
  const state = desk.connection.value;
  const reason = state.phase === 'stopped' && state.reason !== 'closed' ? state.reason : null;
  return (
    <Dialog
      isOpen={reason !== null}
      title={t(reason === 'refused' ? 'refused' : 'signed_out')}
      text={t(reason === 'refused' ? 'refused_text' : 'signed_out_text')}
      // There is nothing behind it to go back to.
      onClose={() => {}}
      actions={
        <a class="button button-primary" href={location.pathname}>
          {t(reason === 'refused' ? 'refused_step' : 'sign_in')}
        </a>
      }
    />
  );
}
