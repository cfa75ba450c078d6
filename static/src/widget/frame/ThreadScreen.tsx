import { useMemo, useRef } from 'preact/hooks';
import type { Log } from '../../core/conversation';
import { emptyLog } from '../../core/conversation';
import type { Id, Thread as WireThread } from '../../core/protocol';
import { timelineOf } from '../../core/timeline';
import { Button } from '../../ui/Button';
import { Composer } from '../../ui/Composer';
import { ConnectionBanner } from '../../ui/ConnectionBanner';
import { useI18n } from '../../ui/I18n';
import { Thread } from '../../ui/Thread';
import { useAttempt } from './attempt';
import { useApp } from './context';
import { isPicture, Picture } from './Picture';

/** The log and what waits to be sent, as rows. */
function useItems(id: Id, log: Log<WireThread>) {
  const { store } = useApp();
  const outgoing = store.chat?.outbox.of(id) ?? [];
  const me = useMemo(() => store.author, [store.me.value]);
  const key = outgoing.map((item) => `${item.client_id} ${item.state} ${item.failure}`).join();
  const items = useMemo(() => timelineOf(log, outgoing, me), [log, key, me]);
  return { items, me };
}

export function ThreadScreen({ id }: { id: Id }) {
  const { store, download } = useApp();
  const { t } = useI18n();
  const attempt = useAttempt();
  const unopened = useRef(emptyLog<WireThread>(id));
  void store.changes.value;
  const { chat } = store;
  const log = chat?.log(id) ?? unopened.current;
  const { items, me } = useItems(id, log);
  if (!chat) return null;
  return (
    <>
      <Connection />
      <Thread
        key={id}
        items={items}
        label={t('log')}
        me={me}
        isLoading={log.epoch === null}
        hasEarlier={log.hasEarlier}
        onEarlier={() => chat.earlier(id)}
        typists={chat.typists(id).filter((author) => author.kind !== 'end_user')}
        top={<Storage thread={store.thread(id)} />}
        isActive={store.isOpen.value}
        onSeen={(seq) => chat.markRead(id, seq)}
        onRetry={(key) => chat.outbox.retry(key)}
        onDiscard={(key) => chat.outbox.remove(key)}
        fileOf={(attachment) => isPicture(attachment) && <Picture attachment={attachment} />}
        onDownload={(attachment) => void attempt(() => download(attachment))}
      />
      <Writing id={id} />
    </>
  );
}

function Connection() {
  const { store } = useApp();
  const { t } = useI18n();
  const again = () => void store.forget().catch(() => {});
  return (
    <ConnectionBanner
      state={store.connection.value}
      onRetry={() => store.chat?.socket.wake()}
      stopped={{ text: t('session_ended'), action: t('session_again'), run: again }}
    />
  );
}

/** How long this is kept, above the first message. */
function Storage({ thread }: { thread: WireThread | null }) {
  const { store } = useApp();
  const i18n = useI18n();
  const until = thread?.expires_at;
  return (
    <p>
      {until && i18n.t('kept_until', { date: i18n.date(new Date(until), { dateStyle: 'long' }) })}
      {store.endsWithPage.value && ` ${i18n.t('ends_with_page')}`}
    </p>
  );
}

/** The composer; in a closed thread the choice between a new one and this one. */
function Writing({ id }: { id: Id }) {
  const { store } = useApp();
  const { t } = useI18n();
  const thread = store.thread(id);
  const isClosed = thread?.state === 'closed' && store.reopening.value !== id;
  if (isClosed) return <Closed id={id} />;
  const email = store.me.value?.email;
  return (
    <>
      {!store.available.value && (
        <p class="widget-away">{email ? t('away_by_email', { email }) : t('away')}</p>
      )}
      <Editor id={id} />
    </>
  );
}

function Closed({ id }: { id: Id }) {
  const { store } = useApp();
  const { t } = useI18n();
  return (
    <div class="widget-closed">
      <p>{t('closed')}</p>
      <Button kind="primary" isBlock onClick={() => store.show({ name: 'start' })}>
        {t('new_thread')}
      </Button>
      <Button
        kind="ghost"
        isBlock
        onClick={() => {
          store.reopening.value = id;
        }}
      >
        {t('write_again')}
      </Button>
    </div>
  );
}

function Editor({ id }: { id: Id }) {
  const { store, drafts, uploadsOf } = useApp();
  const { t } = useI18n();
  const { chat } = store;
  if (!chat) return null;
  return (
    <Composer
      label={t('write')}
      placeholder={t('write_hint')}
      draftKey={id}
      drafts={drafts}
      uploads={uploadsOf(id)}
      onSend={(body, attachments) => chat.send(id, body, attachments)}
      onText={(text) => (text ? chat.typing(id) : chat.stopTyping())}
    />
  );
}
