import { Button } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { useAttempt } from './attempt';
import { useApp } from './context';
import { LanguageMenu } from './Language';

export function Footer() {
  const { t } = useI18n();
  const { store } = useApp();
  const view = store.view.value;
  return (
    <footer class="widget-footer">
      {view.name === 'thread' ? <ThreadLinks id={view.id} /> : <LanguageMenu />}
      <span class="widget-mark">{t('product_mark')}</span>
    </footer>
  );
}

function ThreadLinks({ id }: { id: string }) {
  const { store, saveTranscript } = useApp();
  const { t } = useI18n();
  const attempt = useAttempt();
  const { noticeUrl } = store.config;
  return (
    <span class="widget-links">
      {noticeUrl && (
        <a class="link" href={noticeUrl} target="_blank" rel="noopener noreferrer">
          {t('privacy')}
        </a>
      )}
      <Button kind="ghost" size="small" onClick={() => void attempt(() => saveTranscript(id))}>
        {t('transcript')}
      </Button>
    </span>
  );
}
