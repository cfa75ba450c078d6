import messages from 'lucide:messages-square';
import searchX from 'lucide:search-x';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Author } from '../../core/protocol';
import { timelineOf } from '../../core/timeline';
import { useI18n } from '../../ui/I18n';
import { Empty } from '../../ui/marks';
import { NoteRow } from '../../ui/NoteRow';
import { Thread } from '../../ui/Thread';
import { useApp, useCommand } from '../app';
import { download, isPicture } from '../files';
import type { ThreadView } from '../view';
import { Editor } from './Editor';
import { MessageExtra } from './MessageExtra';
import { Picture } from './Picture';
import { ThreadHead } from './ThreadHead';

export function ThreadPane() {
  const { t } = useI18n();
  const { desk, settings } = useApp();
  const view = desk.view.value;
  if (view?.isGone) {
    return (
      <section class="pane" aria-label={t('conversation')}>
        <Empty icon={searchX} title={t('gone')}>
          <p>{t('gone_text')}</p>
          <a class="button button-secondary" href="#/you">
            {t('back_to_inbox')}
          </a>
        </Empty>
      </section>
    );
  }
  if (view) return <OpenThread key={view.id} view={view} />;
  return (
    <section class="pane" aria-label={t('conversation')}>
      <Empty icon={messages} title={t('choose')}>
        <p>{t(settings.settings.value.shortcuts ? 'choose_text_keys' : 'choose_text')}</p>
      </Empty>
    </section>
  );
}

function OpenThread({ view }: { view: ThreadView }) {
  const { t } = useI18n();
  const app = useApp();
  const { desk } = app;
  const { id, log, outgoing, conversation } = view;
  const pane = useRef<HTMLElement>(null);
  const name = desk.self.name;
  const me: Author = useMemo(() => ({ kind: 'operator', id: desk.me, name }), [desk.me, name]);
  const items = useMemo(() => (log ? timelineOf(log, outgoing, me) : []), [log, outgoing, me]);
  const isLoading = !log || log.epoch === null;
  useBack();
  useFocusOnPhone(pane);

  return (
    <section class="pane" ref={pane} tabIndex={-1} aria-labelledby="thread-title">
      <ThreadHead view={view} />
      <Thread
        items={items}
        label={t('log_label', { name: conversation?.end_user.name ?? '' })}
        me={me}
        namesOwn
        isLoading={isLoading}
        hasEarlier={log?.hasEarlier ?? false}
        onEarlier={() => desk.chat.earlier(id)}
        typists={visitorsTyping(view)}
        onSeen={(seq) => desk.seen(id, seq)}
        onRetry={(key) => desk.chat.outbox.retry(key)}
        onDiscard={(key) => desk.chat.outbox.remove(key)}
        onDownload={(attachment) => void download(app, attachment)}
        fileOf={(attachment) => isPicture(attachment) && <Picture attachment={attachment} />}
        Note={NoteRow}
        extraOf={(item) => <MessageExtra item={item} conversation={id} />}
      />
      <Editor view={view} />
    </section>
  );
}

/** By the name they have now: their socket may be older than it. Colleagues who type stand elsewhere. */
function visitorsTyping({ typists, conversation }: ThreadView): Author[] {
  const visitors = typists.filter((author) => author.kind === 'end_user');
  return visitors.map((author) => ({ ...author, name: conversation?.end_user.name ?? author.name }));
}

/** Escape: out of the editor to the row of the list; on a phone back to the list. */
function useBack(): void {
  const { go, width } = useApp();
  useCommand('back', () => {
    if (width.value === 'one') go({ conversation: null });
    else document.querySelector<HTMLElement>('.row[aria-current]')?.focus();
  });
}

/** Where one pane follows another, the focus must follow, too. */
function useFocusOnPhone(pane: { current: HTMLElement | null }): void {
  const { width } = useApp();
  useEffect(() => {
    if (width.value === 'one') pane.current?.focus({ preventScroll: true });
  }, []);
}
