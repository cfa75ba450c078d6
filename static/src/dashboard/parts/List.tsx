import archive from 'lucide:archive';
import inboxIcon from 'lucide:inbox';
import paperclip from 'lucide:paperclip';
import pencil from 'lucide:pencil-line';
import refresh from 'lucide:refresh-cw';
import shield from 'lucide:shield-check';
import clock from 'lucide:timer';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { duration, fullTime, shortAgo } from '../../core/dates';
import { listOf, type Section, sections } from '../../core/inbox';
import type { Conversation } from '../../core/protocol';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { Badge, Empty, Pill, Skeleton } from '../../ui/marks';
import { memo } from '../../ui/memo';
import { useApp, useCommand } from '../app';
import { hasDraft } from '../drafts';
import { everyHalfMinute, everySecond } from '../now';
import { hashOf } from '../route';
import { isUnnamed, lastLine, matching } from '../words';

/** The list pane: sections, rows, and what to do where there are none. */
export function List() {
  const { t } = useI18n();
  return (
    <section class="list" aria-labelledby="list-title">
      <header class="list-head">
        <h1 class="pane-title" id="list-title">
          {t('inbox')}
        </h1>
        <Sections />
      </header>
      <Rows />
    </section>
  );
}

function Sections() {
  const { t, number } = useI18n();
  const { route, desk } = useApp();
  const counts = desk.counts.counts.value;
  const countOf = (section: Section) =>
    counts && (section === 'you' || section === 'open' || section === 'spam') ? counts[section] : 0;
  return (
    <nav class="sections" aria-label={t('sections')}>
      {sections.map((section) => (
        <a
          key={section}
          class="section"
          // The thread stays open: another list is no reason to lose it.
          href={hashOf({ ...route.value, section })}
          aria-current={route.value.section === section ? 'page' : undefined}
        >
          {t(`section_${section}`)}
          {countOf(section) > 0 && <span class="section-count"> {number(countOf(section))}</span>}
        </a>
      ))}
    </nav>
  );
}

function Rows() {
  const i18n = useI18n();
  const { desk, route, filter } = useApp();
  const { section, conversation: current } = route.value;
  const list = useRef<HTMLUListElement>(null);
  const all = listOf(desk.lists.inbox.value, section);
  const shown = matching(all, filter.value);
  const isFiltered = filter.value.trim() !== '';
  const loading = desk.lists.loading.value[section] ?? 'idle';
  const onKeyDown = useRoving(list);

  if (all.length === 0 && loading === 'first') return <RowsComing />;
  if (all.length === 0 && loading === 'failed')
    return <RowsFailed onRetry={() => void desk.lists.show(section)} />;
  return (
    <div class="rows">
      {isFiltered && <Found shown={shown.length} all={all.length} />}
      {shown.length > 0 ? (
        <ul class="rows-list" ref={list} onKeyDown={onKeyDown} aria-label={i18n.t(`section_${section}`)}>
          {shown.map((conversation, index) => (
            <li key={conversation.id}>
              <Row
                conversation={conversation}
                section={section}
                isCurrent={conversation.id === current}
                isStop={
                  conversation.id === current || (index === 0 && !shown.some(({ id }) => id === current))
                }
              />
            </li>
          ))}
        </ul>
      ) : (
        !isFiltered && <Nothing section={section} />
      )}
      <More section={section} loading={loading} isFiltered={isFiltered} />
    </div>
  );
}

/** The filter knows only what is loaded, and says so. */
function Found({ shown, all }: { shown: number; all: number }) {
  const i18n = useI18n();
  const { filter } = useApp();
  const clear = () => {
    filter.value = '';
  };
  return (
    <div class="rows-note">
      <p role="status">{i18n.n('filter_found', shown, { total: i18n.number(all) })}</p>
      <Button kind="ghost" size="small" onClick={clear}>
        {i18n.t('filter_clear')}
      </Button>
    </div>
  );
}

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
};

/**
 * `j` and `k`, the arrows, Home and End move the focus from row to row; Enter opens, as on any link.
 * Answers the key handler of the list.
 */
function useRoving(list: { current: HTMLUListElement | null }): (event: KeyboardEvent) => void {
  const rows = () => [...(list.current?.querySelectorAll<HTMLElement>('.row') ?? [])];
  const move = (by: number) => {
    const all = rows();
    const focused = all.indexOf(document.activeElement as HTMLElement);
    const at = focused >= 0 ? focused : all.findIndex((row) => row.ariaCurrent === 'true');
    const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by));
    all[next]?.focus();
  };
  useCommand('next', () => move(1));
  useCommand('previous', () => move(-1));
  useFollowing(rows);

  return (event) => {
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(step);
  };
}

/** The open row stays in sight; back from a thread on a phone, the focus returns to the row it came from. */
function useFollowing(rows: () => HTMLElement[]): void {
  const { route } = useApp();
  const { conversation } = route.value;
  const last = useRef(conversation);
  useEffect(() => {
    const from = last.current;
    last.current = conversation;
    const row = rows().find((each) => each.getAttribute('href')?.endsWith(conversation ?? from ?? '-'));
    if (conversation) row?.scrollIntoView({ block: 'nearest' });
    else row?.focus();
  }, [conversation]);
}

type RowProps = { conversation: Conversation; section: Section; isCurrent: boolean; isStop: boolean };

const Row = memo(({ conversation, section, isCurrent, isStop }: RowProps) => {
  const i18n = useI18n();
  const { desk } = useApp();
  const { end_user, last_message, unread } = conversation;
  const moment = last_message?.created_at ?? conversation.created_at;
  return (
    <a
      class="row"
      href={hashOf({ section, conversation: conversation.id })}
      aria-current={isCurrent ? 'true' : undefined}
      data-unread={unread > 0 ? '' : undefined}
      tabIndex={isStop ? 0 : -1}
    >
      <Avatar
        name={end_user.name}
        seed={end_user.id}
        isAnonymous={isUnnamed(end_user)}
        status={end_user.is_online ? 'online' : null}
      />
      <span class="row-name truncate" dir="auto">
        {end_user.name}
      </span>
      <time class="row-time" dateTime={moment} title={fullTime(i18n, moment)}>
        {shortAgo(i18n, moment, everyHalfMinute.value)}
      </time>
      <span class="row-line">
        {last_message?.kind === 'files' && <Icon of={paperclip} />}
        <span class="truncate" dir="auto">
          {lastLine(i18n, last_message, desk.me)}
        </span>
      </span>
      <Badge count={unread} countKey="unread" />
      <RowPills conversation={conversation} section={section} />
    </a>
  );
});

function RowPills({ conversation, section }: Pick<RowProps, 'conversation' | 'section'>) {
  const { t } = useI18n();
  const { desk, drafts, route } = useApp();
  const { id, state, assignee, waiting_since } = conversation;
  // The draft of the open thread is before everybody's eyes.
  const isLeftUnsent = route.value.conversation !== id && hasDraft(drafts, id);
  const pills = [
    state === 'open' && waiting_since && <Waiting key="waiting" since={waiting_since} />,
    isLeftUnsent && (
      <Pill key="draft" tone="blue" icon={pencil}>
        {t('draft')}
      </Pill>
    ),
    section !== 'you' && assignee && (
      <Pill key="assignee">
        <bdi>{assignee.id === desk.me ? t('you') : assignee.name}</bdi>
      </Pill>
    ),
    section === 'all' && state === 'closed' && <Pill key="state">{t('state_closed')}</Pill>,
  ].filter(Boolean);
  return pills.length > 0 ? <span class="row-pills">{pills}</span> : null;
}

/** How long somebody has been waiting for an answer; the seconds tick only in here. */
function Waiting({ since }: { since: string }) {
  const { t } = useI18n();
  const seconds = (everySecond.value - Date.parse(since)) / 1000;
  const isLong = seconds >= 86_400;
  return (
    <Pill tone="amber" icon={clock}>
      {isLong ? t('waiting_over_a_day') : t('waiting', { time: duration(seconds) })}
    </Pill>
  );
}

type MoreProps = { section: Section; loading: string; isFiltered: boolean };

/** Loads by itself when its end comes into sight; behind a filter that would fetch everything, so there it is asked for. */
function More({ section, loading, isFiltered }: MoreProps) {
  const { t } = useI18n();
  const { desk } = useApp();
  const foot = useRef<HTMLDivElement>(null);
  const hasMore = Boolean(desk.lists.inbox.value.loaded[section]?.next);

  useEffect(() => {
    const element = foot.current;
    if (!element || !hasMore || isFiltered || loading === 'failed') return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && void desk.lists.more(section),
      { root: element.closest('.rows'), rootMargin: '240px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [section, hasMore, isFiltered, loading]);

  if (!hasMore) return null;
  return (
    <div class="rows-more" ref={foot}>
      <Button size="small" isBusy={loading === 'next'} onClick={() => void desk.lists.more(section)}>
        {t(loading === 'failed' ? 'more_failed' : 'more')}
      </Button>
    </div>
  );
}

function RowsComing() {
  const { t } = useI18n();
  return (
    <div class="rows" aria-busy="true">
      <p class="visually-hidden">{t('loading')}</p>
      {[0, 1, 2, 3, 4].map((row) => (
        <div key={row} class="row row-coming">
          <span class="avatar skeleton" />
          <Skeleton widths={[44, 82 - row * 6]} />
        </div>
      ))}
    </div>
  );
}

function RowsFailed({ onRetry }: { onRetry: () => void }) {
  const { t } = useI18n();
  return (
    <div class="rows">
      <Empty icon={refresh} title={t('list_failed')}>
        <p>{t('list_failed_text')}</p>
        <Button onClick={onRetry}>{t('try_again')}</Button>
      </Empty>
    </div>
  );
}

const pictures: Readonly<Record<Section, IconShape>> = {
  you: inboxIcon,
  open: inboxIcon,
  all: inboxIcon,
  closed: archive,
  spam: shield,
};

/** What an empty section means, and the step that helps. */
function Nothing({ section }: { section: Section }) {
  const { t } = useI18n();
  const { config, desk } = useApp();
  const open = desk.counts.counts.value?.open ?? 0;
  const widgets = (
    <a class="link" href={config.links.widgets}>
      {t('empty_widgets_step')}
    </a>
  );
  const steps: Partial<Record<Section, ComponentChildren>> = {
    you:
      open > 0 ? (
        <a class="button button-primary" href="#/open">
          {t('empty_you_step')}
        </a>
      ) : (
        widgets
      ),
    open: widgets,
    all: widgets,
  };
  return (
    <Empty icon={pictures[section]} title={t(`empty_${section}`)}>
      <p>{t(`empty_${section}_text`)}</p>
      {steps[section]}
    </Empty>
  );
}
