import arrowLeft from 'lucide:arrow-left';
import check from 'lucide:check';
import more from 'lucide:ellipsis-vertical';
import copy from 'lucide:link';
import panel from 'lucide:panel-right';
import rotate from 'lucide:rotate-ccw';
import shield from 'lucide:shield-alert';
import userCheck from 'lucide:user-round-check';
import type { Conversation } from '../../core/protocol';
import { Avatar } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Menu, type MenuItem } from '../../ui/Menu';
import { Skeleton } from '../../ui/marks';
import { type App, attempt, useApp, useCommand } from '../app';
import { everyHalfMinute } from '../now';
import type { ThreadView } from '../view';
import { isUnnamed, localTime, pathOf } from '../words';
import { isDetailsOpen } from './Drawer';
import { Transfer } from './Transfer';

export function ThreadHead({ view }: { view: ThreadView }) {
  const { t } = useI18n();
  const { width, go } = useApp();
  const { conversation } = view;
  return (
    <header class="thread-head">
      {width.value === 'one' && (
        <IconButton icon={arrowLeft} flips label={t('back')} onClick={() => go({ conversation: null })} />
      )}
      {conversation ? (
        <>
          <Who conversation={conversation} />
          <Actions conversation={conversation} />
        </>
      ) : (
        <div class="thread-who" aria-busy="true">
          <h2 class="visually-hidden" id="thread-title">
            {t('loading')}
          </h2>
          <Skeleton widths={[40, 60]} />
        </div>
      )}
    </header>
  );
}

function Who({ conversation }: { conversation: Conversation }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { desk, width } = useApp();
  const { end_user, page_url, page_title, assignee } = conversation;
  // On a phone the thread is the whole page.
  const Heading = width.value === 'one' ? 'h1' : 'h2';
  const attributes = desk.people.known.value.get(end_user.id)?.attributes ?? {};
  const time = localTime(i18n, attributes, everyHalfMinute.value);
  return (
    <div class="thread-who">
      <Face conversation={conversation} />
      <div class="thread-words">
        <Heading class="thread-title truncate" id="thread-title" dir="auto">
          {end_user.name}
        </Heading>
        <p class="thread-where">
          {page_url && (
            <a
              href={page_url}
              target="_blank"
              rel="noopener noreferrer nofollow"
              title={page_title || page_url}
            >
              {t('on_page')} <bdi>{pathOf(page_url)}</bdi>
            </a>
          )}
          {time && <span>{t('local_time', { time })}</span>}
          <span>{assigneeWords(t, assignee, desk.me)}</span>
        </p>
      </div>
    </div>
  );
}

/** Where there is no room for a button, the face leads to the details. */
function Face({ conversation }: { conversation: Conversation }) {
  const { t } = useI18n();
  const { width } = useApp();
  const { name, id, is_online } = conversation.end_user;
  const face = (
    <Avatar
      name={name}
      seed={id}
      isAnonymous={isUnnamed(conversation.end_user)}
      status={is_online ? 'online' : null}
    />
  );
  if (width.value !== 'one') return face;
  return (
    <button
      type="button"
      class="thread-face"
      aria-label={t('details')}
      aria-haspopup="dialog"
      onClick={() => {
        isDetailsOpen.value = true;
      }}
    >
      {face}
    </button>
  );
}

function assigneeWords(
  t: (key: string, values?: Record<string, string>) => string,
  assignee: Conversation['assignee'],
  me: string,
): string {
  if (!assignee) return t('assigned_nobody');
  return assignee.id === me ? t('assigned_you') : t('assigned_other', { name: assignee.name });
}

/** Closes, and offers the way back. */
async function close(app: App, id: string): Promise<void> {
  const { i18n, desk, toaster } = app;
  const isDone = await attempt(app, () => desk.change(id, 'conversation.close'));
  if (!isDone) return;
  toaster.show(i18n.t('closed'), {
    label: i18n.t('undo'),
    run: () => void attempt(app, () => desk.change(id, 'conversation.reopen')),
  });
}

function Actions({ conversation }: { conversation: Conversation }) {
  const { t } = useI18n();
  const app = useApp();
  const { desk, settings, width } = app;
  const { id, state, assignee } = conversation;
  const isOpen = state === 'open';
  const isOwn = assignee?.id === desk.me;
  const hasKeys = settings.settings.value.shortcuts;
  const assign = () => attempt(app, () => desk.assign(id, desk.me));
  // The key only takes what nobody has; taking from a colleague needs the button that says so.
  useCommand('assign', () => isOpen && !assignee && void assign());
  useCommand('close', () => isOpen && void close(app, id));

  return (
    <div class="thread-actions">
      {isOpen && !assignee && (
        <Button icon={userCheck} title={t('assign_me')} onClick={() => void assign()}>
          <span class="button-word">{t('assign_me')}</span>
        </Button>
      )}
      {isOpen && assignee && !isOwn && (
        <Button
          icon={userCheck}
          title={t('take_over')}
          onClick={() => void attempt(app, () => desk.takeOver(id))}
        >
          <span class="button-word">{t('take_over')}</span>
        </Button>
      )}
      {isOpen && <Transfer conversation={conversation} />}
      {isOpen ? (
        <Button icon={check} title={t('close_conversation')} onClick={() => void close(app, id)}>
          <span class="button-word">{t('close_conversation')}</span>
          {hasKeys && (
            <span class="kbd" aria-hidden="true">
              E
            </span>
          )}
        </Button>
      ) : (
        <Button
          icon={rotate}
          title={t('reopen')}
          onClick={() => void attempt(app, () => desk.change(id, 'conversation.reopen'))}
        >
          <span class="button-word">{t(state === 'spam' ? 'not_spam' : 'reopen')}</span>
        </Button>
      )}
      {width.value === 'two' && (
        <IconButton
          icon={panel}
          flips
          label={t('details')}
          aria-haspopup="dialog"
          aria-expanded={isDetailsOpen.value}
          onClick={() => {
            isDetailsOpen.value = true;
          }}
        />
      )}
      <MoreMenu conversation={conversation} />
    </div>
  );
}

function MoreMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useI18n();
  const app = useApp();
  const { id, state } = conversation;
  const copyLink = async () => {
    await navigator.clipboard.writeText(location.href);
    app.toaster.show(t('link_copied'));
  };
  const markSpam = async () => {
    const isDone = await attempt(app, () => app.desk.change(id, 'conversation.mark_spam'));
    if (!isDone) return;
    app.toaster.show(t('marked_spam'), {
      label: t('undo'),
      run: () => void attempt(app, () => app.desk.change(id, 'conversation.reopen')),
    });
  };
  const items: MenuItem[] = [
    { id: 'link', label: t('copy_link'), icon: copy, onSelect: () => void copyLink() },
    ...(state === 'spam'
      ? []
      : [
          {
            id: 'spam',
            label: t('mark_spam'),
            icon: shield,
            isDanger: true,
            isApart: true,
            onSelect: () => void markSpam(),
          },
        ]),
  ];
  return (
    <Menu label={t('more_actions')} items={items}>
      {(button) => <IconButton icon={more} label={t('more_actions')} {...button} />}
    </Menu>
  );
}
