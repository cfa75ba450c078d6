import arrowDown from 'lucide:arrow-down';
import type { ComponentChildren, FunctionComponent } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { dayKey } from '../core/dates';
import type { Attachment, Author } from '../core/protocol';
import type { BubbleItem, NoteItem, TimelineItem } from '../core/timeline';
import { Button } from './Button';
import { useI18n } from './I18n';
import { Skeleton } from './marks';
import { type NoteRowProps, Row, type RowActions } from './rows';
import { useStickyScroll } from './scroll';

export type ThreadProps = {
  /** from timelineOf; one thread shows one conversation: give it the conversation's id as `key` */
  items: readonly TimelineItem[];
  /** what the log is, for those who hear it */
  label: string;
  /** who reads: the same object as long as it is the same person */
  me: Author;
  /** own messages carry a name: on the operators' side, where colleagues write, too */
  namesOwn?: boolean;
  isLoading?: boolean;
  hasEarlier: boolean;
  /** loads a page of older messages; a rejection offers another try */
  onEarlier(): Promise<void>;
  typists: readonly Author[];
  /** stands above the first message, such as how long things are kept */
  top?: ComponentChildren;
  /** in sight: a hidden tab or a closed widget reads nothing */
  isActive?: boolean;
  /** everything up to this position was in sight */
  onSeen(seq: number): void;
  onRetry(key: string): void;
  onDiscard(key: string): void;
  onDownload(attachment: Attachment): void;
  extraOf?(item: BubbleItem | NoteItem): ComponentChildren;
  /** where there are notes */
  Note?: FunctionComponent<NoteRowProps>;
  /** draws a file in another way, such as a picture; null leaves it a row */
  fileOf?(attachment: Attachment): ComponentChildren;
};

/** A row of the end-user's or operator's own that is not stored yet: writing it leads to the end. */
function lastPending(items: readonly TimelineItem[]): string {
  const last = items.findLast((item) => item.kind === 'bubble' || item.kind === 'note');
  return last && 'id' in last && last.id === null ? last.key : '';
}

function lastSeq(items: readonly TimelineItem[]): number {
  const last = items.findLast((item) => item.kind === 'bubble' && item.seq !== null);
  return last?.kind === 'bubble' ? (last.seq ?? 0) : 0;
}

/** Rows do not care which closure is the newest: one object for the life of the thread. */
function useActions(props: ThreadProps): RowActions {
  const latest = useRef(props);
  latest.current = props;
  return useMemo(
    () => ({
      retry: (key) => latest.current.onRetry(key),
      discard: (key) => latest.current.onDiscard(key),
      download: (attachment) => latest.current.onDownload(attachment),
      extra: (item) => latest.current.extraOf?.(item) ?? null,
      file: (attachment) => latest.current.fileOf?.(attachment) ?? null,
    }),
    [],
  );
}

/** How far the reader has come, and what came since while they read further up. */
function useSeen(props: ThreadProps, isAtEnd: boolean): number {
  const { items, isActive = true, onSeen } = props;
  const seen = useRef(0);
  const newest = lastSeq(items);
  const sees = isAtEnd && isActive && !document.hidden;
  if (sees || seen.current === 0) seen.current = newest;

  useEffect(() => {
    if (sees && newest > 0) onSeen(newest);
  }, [sees, newest]);

  return items.filter((item) => item.kind === 'bubble' && !item.isOwn && (item.seq ?? 0) > seen.current)
    .length;
}

/** Redraws when the tab comes to the front: only then its messages are seen. */
function useVisibility(): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    const onChange = () => redraw((count) => count + 1);
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
}

type Paging = 'idle' | 'loading' | 'failed';

function useEarlier(onEarlier: () => Promise<void>): [Paging, () => void] {
  const [paging, setPaging] = useState<Paging>('idle');
  const load = () => {
    if (paging === 'loading') return;
    setPaging('loading');
    onEarlier().then(
      // The rows must stand before the log may speak again.
      () => setTimeout(() => setPaging('idle'), 100),
      () => setPaging('failed'),
    );
  };
  return [paging, load];
}

/** History must not be read out: the log becomes one after its first rows stand. */
function useIsLive(isReady: boolean): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (!isReady || isLive) return;
    const timer = setTimeout(() => setLive(true), 50);
    return () => clearTimeout(timer);
  }, [isReady, isLive]);
  return isLive;
}

/** The messages of one conversation, with everything that happens around them. */
export function Thread(props: ThreadProps) {
  const { items, label, me, namesOwn = false, isLoading = false, hasEarlier, top } = props;
  const i18n = useI18n();
  const log = useRef<HTMLDivElement>(null);
  const scroll = useStickyScroll(log, items, lastPending(items));
  const unseen = useSeen(props, scroll.isAtEnd);
  const [paging, loadEarlier] = useEarlier(props.onEarlier);
  const isLive = useIsLive(!isLoading);
  const actions = useActions(props);
  const today = dayKey(Date.now());
  useVisibility();

  const onScroll = () => {
    scroll.onScroll();
    if (hasEarlier && paging === 'idle' && (log.current?.scrollTop ?? 100) < 80) loadEarlier();
  };

  return (
    <div class="thread">
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name. */}
      <div
        ref={log}
        class="thread-log"
        role={isLive ? 'log' : 'group'}
        aria-label={label}
        // Older messages that are put in above are no news.
        aria-live={isLive && paging !== 'loading' ? 'polite' : 'off'}
        aria-relevant="additions"
        aria-busy={isLoading || undefined}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="thread-rows">
          <div class="thread-top">
            {!hasEarlier && top}
            {hasEarlier && (
              <Button kind="ghost" size="small" isBusy={paging === 'loading'} onClick={loadEarlier}>
                {i18n.t(paging === 'idle' ? 'earlier' : `earlier_${paging}`)}
              </Button>
            )}
          </div>
          {isLoading && items.length === 0 && <Loading />}
          {items.map((item) => (
            <Row
              key={item.key}
              item={item}
              me={me}
              namesOwn={namesOwn}
              today={today}
              i18n={i18n}
              actions={actions}
              Note={props.Note}
            />
          ))}
        </div>
      </div>
      <Typing typists={props.typists} since={items.length} />
      {!scroll.isAtEnd && (
        <Button kind="ghost" size="small" icon={arrowDown} data-jump onClick={scroll.toEnd}>
          {unseen > 0 ? i18n.n('new_messages', unseen) : i18n.t('jump')}
        </Button>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div class="thread-loading">
      <Skeleton widths={[55, 70, 40]} />
    </div>
  );
}

/** Seen by eye as long as it lasts, spoken once until the next message. */
function Typing({ typists, since }: { typists: readonly Author[]; since: number }) {
  const i18n = useI18n();
  const spokenFor = useRef(-1);
  const [first] = typists;
  const words = first
    ? typists.length > 1
      ? i18n.n('typing_several', typists.length)
      : i18n.t('typing', { name: first.name })
    : '';
  const isNew = words !== '' && spokenFor.current !== since;
  const [spoken, setSpoken] = useState('');

  useEffect(() => {
    if (isNew) spokenFor.current = since;
    if (isNew || words === '') setSpoken(words);
  }, [words, isNew, since]);

  return (
    <div class="typing">
      {words && (
        <span aria-hidden="true">
          <span class="typing-dots">
            <i />
            <i />
            <i />
          </span>{' '}
          {words}
        </span>
      )}
      <span class="visually-hidden" role="status">
        {spoken}
      </span>
    </div>
  );
}
