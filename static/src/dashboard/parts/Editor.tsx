import pen from 'lucide:pencil-line';
import users from 'lucide:users';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Id } from '../../core/protocol';
import { Button } from '../../ui/Button';
import { Composer, type ComposerHandle } from '../../ui/Composer';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { attempt, useApp, useCommand } from '../app';
import { draftKey, editKey, type Lane } from '../drafts';
import { uploadsOf } from '../files';
import type { ThreadView } from '../view';
import { editing } from './message_actions';

/** Where the operator writes: a reply, a note, or a correction of what was sent. */
export function Editor({ view }: { view: ThreadView }) {
  const { conversation, id } = view;
  const edited = editing.value?.conversation === id ? editing.value.message : null;
  if (!conversation) return <div class="editor" />;
  return (
    <div class="editor">
      <Hints view={view} />
      {edited ? <Correction key={edited} conversation={id} message={edited} /> : <Writing view={view} />}
    </div>
  );
}

/** Who else is at it, and what state the conversation is in. */
function Hints({ view }: { view: ThreadView }) {
  const i18n = useI18n();
  const app = useApp();
  const { colleagues, conversation, id } = view;
  const state = conversation?.state ?? 'open';
  return (
    <div role="status" class="editor-hints">
      {colleagues.length > 0 && (
        <p class="hint" data-tone="amber">
          <Icon of={users} />
          {i18n.n('collision', colleagues.length, { names: i18n.list(colleagues) })}
        </p>
      )}
      {state !== 'open' && (
        <p class="hint">
          <span>{i18n.t(`is_${state}`)}</span>
          <Button
            kind="ghost"
            size="small"
            onClick={() => void attempt(app, () => app.desk.change(id, 'conversation.reopen'))}
          >
            {i18n.t(state === 'spam' ? 'not_spam' : 'reopen')}
          </Button>
        </p>
      )}
    </div>
  );
}

const lanes = ['message', 'note'] as const;

function Writing({ view }: { view: ThreadView }) {
  const { t } = useI18n();
  const app = useApp();
  const { desk, drafts, settings } = app;
  const { id, conversation } = view;
  const handle = useRef<ComposerHandle>(null);
  const [lane, setLane] = useState<Lane>('message');
  const uploads = useMemo(() => uploadsOf(desk.api, id), [desk.api, id]);
  const turnTo = (next: Lane) => {
    setLane(next);
    handle.current?.focus();
  };
  useCommand('reply', () => turnTo('message'));
  useCommand('note', () => turnTo('note'));
  useEffect(() => () => desk.chat.stopTyping(), [id]);

  const isNote = lane === 'note';
  const name = conversation?.end_user.name ?? '';
  return (
    <Composer
      layout="stacked"
      lane={lane}
      label={isNote ? t('note_label', { name }) : t('reply_label', { name })}
      placeholder={isNote ? t('note_placeholder') : t('reply_placeholder', { name })}
      draftKey={draftKey(id, lane)}
      drafts={drafts}
      sendOn={settings.settings.value.enterSends ? 'enter' : 'modified_enter'}
      uploads={isNote ? null : uploads}
      handle={handle}
      top={<Lanes lane={lane} onLane={turnTo} />}
      onText={(text) => {
        if (isNote) return;
        if (text) desk.chat.typing(id);
        else desk.chat.stopTyping();
      }}
      onSend={(body, attachments) => {
        if (isNote) desk.chat.sendNote(id, body);
        else desk.chat.send(id, body, attachments);
      }}
    />
  );
}

function Lanes({ lane, onLane }: { lane: Lane; onLane(lane: Lane): void }) {
  const { t } = useI18n();
  return (
    <fieldset class="lanes">
      <legend class="visually-hidden">{t('lanes')}</legend>
      {lanes.map((each) => (
        <button
          key={each}
          type="button"
          class="lane"
          aria-pressed={lane === each}
          onClick={() => onLane(each)}
        >
          {t(`lane_${each}`)}
        </button>
      ))}
      {lane === 'note' && <span class="lanes-hint">{t('note_hint')}</span>}
    </fieldset>
  );
}

function Correction({ conversation, message }: { conversation: Id; message: Id }) {
  const { t } = useI18n();
  const app = useApp();
  const { desk, drafts, settings } = app;
  const handle = useRef<ComposerHandle>(null);
  const key = editKey(message);
  useEffect(() => handle.current?.focus(), []);

  const leave = () => {
    drafts.set(key, '');
    editing.value = null;
  };
  const save = async (body: string) => {
    const isDone = await attempt(app, async () => {
      await desk.chat.socket.request('message.edit', { conversation, message, body });
    });
    if (isDone) leave();
    else drafts.set(key, body);
  };
  return (
    <Composer
      layout="stacked"
      label={t('edit_label')}
      placeholder={t('edit_label')}
      draftKey={key}
      drafts={drafts}
      sendOn={settings.settings.value.enterSends ? 'enter' : 'modified_enter'}
      handle={handle}
      top={
        <p class="editor-correction">
          <Icon of={pen} />
          <span>{t('edit_label')}</span>
          <Button kind="ghost" size="small" onClick={leave}>
            {t('cancel')}
          </Button>
        </p>
      }
      onKey={(event) => {
        if (event.key !== 'Escape') return false;
        event.stopPropagation();
        leave();
        return true;
      }}
      onSend={(body) => void save(body)}
    />
  );
}
