import check from 'lucide:check';
import checkCheck from 'lucide:check-check';
import circleAlert from 'lucide:circle-alert';
import clock from 'lucide:clock';
import type { ComponentChildren, FunctionComponent } from 'preact';
import { clockTime, dayLabel, fullTime } from '../core/dates';
import type { FailureCode } from '../core/errors';
import type { I18n } from '../core/i18n';
import type { Attachment, Author, Timestamp } from '../core/protocol';
import {
  type BubbleItem,
  type DeliveryState,
  isSameAuthor,
  type NoteItem,
  type SystemItem,
  type TimelineItem,
} from '../core/timeline';
import { Bubble } from './Bubble';
import { Button } from './Button';
import { FileRow } from './FileRow';
import { useI18n } from './I18n';
import { Icon } from './Icon';
import { isEqual, memo } from './memo';

/** What a row can ask for. The object stays the same while a thread lives. */
export type RowActions = {
  retry(key: string): void;
  discard(key: string): void;
  download(attachment: Attachment): void;
  /** more to do with a stored message or note, such as a menu */
  extra(item: BubbleItem | NoteItem): ComponentChildren;
  /** another drawing of a file; null leaves it a row */
  file(attachment: Attachment): ComponentChildren;
};

export type NoteRowProps = { item: NoteItem; me: Author; actions: RowActions };

type RowProps = {
  item: TimelineItem;
  me: Author;
  /** own rows carry a name, too: several people answer on that side */
  namesOwn: boolean;
  /** today, as a day: the labels change at midnight */
  today: string;
  i18n: I18n;
  actions: RowActions;
  /** draws notes, where there are any: end-users' pages need not load it */
  Note?: FunctionComponent<NoteRowProps> | undefined;
};

function isSameRow(before: RowProps, after: RowProps): boolean {
  const { item, ...rest } = before;
  const { item: next, ...others } = after;
  return isEqual(item, next) && isEqual(rest, others);
}

export const Row = memo(({ item, me, namesOwn, i18n, actions, Note }: RowProps) => {
  switch (item.kind) {
    case 'day':
      return (
        <p class="thread-day" data-row>
          {dayLabel(i18n, item.at, Date.now())}
        </p>
      );
    case 'system':
      return <SystemRow item={item} />;
    case 'note':
      return Note ? <Note item={item} me={me} actions={actions} /> : null;
    default:
      return <BubbleRow item={item} me={me} namesOwn={namesOwn} actions={actions} />;
  }
}, isSameRow);

function nameOf(author: Author, me: Author, i18n: I18n): string {
  return isSameAuthor(author, me) ? i18n.t('you') : author.name;
}

export function Time({ at }: { at: Timestamp }) {
  const i18n = useI18n();
  return (
    <time dateTime={at} title={fullTime(i18n, at)}>
      {clockTime(i18n, at)}
    </time>
  );
}

const systemCodes = new Set(['closed', 'reopened']);

function SystemRow({ item }: { item: SystemItem }) {
  const { t } = useI18n();
  const { author, code } = item;
  const key = author.kind === 'system' ? `system_${code}` : `system_${code}_by`;
  return (
    <p class="thread-system" data-row>
      {systemCodes.has(code) ? t(key, { name: author.name }) : code} · <Time at={item.at} />
    </p>
  );
}

type MessageRowProps = { item: BubbleItem; me: Author; namesOwn: boolean; actions: RowActions };

function BubbleRow({ item, me, namesOwn, actions }: MessageRowProps) {
  const i18n = useI18n();
  const isWaiting = item.delivery === 'failed' || item.delivery === 'waiting';
  const name = nameOf(item.author, me, i18n);
  return (
    <div
      class="message"
      data-row
      data-own={item.isOwn || undefined}
      data-opens={item.opens || undefined}
      data-closes={item.closes || undefined}
      data-delivery={item.delivery}
    >
      <span class="visually-hidden">{i18n.t('says', { name })}</span>
      <Content item={item} actions={actions} />
      {isWaiting && <Unsent item={item} actions={actions} />}
      {!isWaiting && item.closes && <Meta item={item} name={item.isOwn && !namesOwn ? '' : name} />}
      {item.id !== null && actions.extra(item)}
    </div>
  );
}

function Content({ item, actions }: { item: BubbleItem; actions: RowActions }) {
  const { t } = useI18n();
  if (item.isDeleted) return <p class="bubble bubble-deleted">{t('message_deleted')}</p>;
  return (
    <>
      {item.body && <Bubble text={item.body} />}
      {item.attachments.length > 0 && (
        <div class="files">
          {item.attachments.map((attachment) => (
            <File key={attachment.id} attachment={attachment} actions={actions} />
          ))}
        </div>
      )}
    </>
  );
}

function File({ attachment, actions }: { attachment: Attachment; actions: RowActions }) {
  const drawn = actions.file(attachment);
  if (drawn) return <>{drawn}</>;
  return (
    <FileRow
      name={attachment.name}
      contentType={attachment.content_type}
      size={attachment.size}
      onDownload={() => actions.download(attachment)}
    />
  );
}

const marks: Readonly<Partial<Record<DeliveryState, IconShape>>> = {
  sending: clock,
  sent: check,
  read: checkCheck,
};

function Meta({ item, name }: { item: BubbleItem; name: string }) {
  const { t } = useI18n();
  const mark = item.delivery && marks[item.delivery];
  return (
    <p class="message-meta">
      {name && <bdi aria-hidden="true">{name}</bdi>}
      {name && ' · '}
      <Time at={item.at} />
      {item.isEdited && ` · ${t('edited')}`}
      {item.delivery && ` · ${t(`delivery_${item.delivery}`)}`}
      {mark && <Icon of={mark} />}
    </p>
  );
}

const explained: ReadonlySet<FailureCode> = new Set([
  'invalid',
  'forbidden',
  'not_live',
  'not_found',
  'gone',
  'too_large',
  'unsupported_type',
  'rate_limited',
  'unauthenticated',
]);

/** Why something did not go, in the reader's language; empty where the code says nothing to a person. */
export function reasonOf(failure: FailureCode | null, i18n: I18n): string {
  return failure !== null && explained.has(failure) ? i18n.t(`failure_${failure}`) : '';
}

export function Unsent({ item, actions }: { item: BubbleItem | NoteItem; actions: RowActions }) {
  const i18n = useI18n();
  const isFailed = item.delivery === 'failed';
  const reason = reasonOf(item.failure, i18n);
  return (
    <div class="message-meta" data-tone={isFailed ? 'red' : 'amber'}>
      <span class="message-problem">
        <Icon of={isFailed ? circleAlert : clock} />
        <span>
          {i18n.t(isFailed ? 'delivery_failed' : 'delivery_waiting')} {reason}
        </span>
      </span>
      <Button kind="ghost" onClick={() => actions.retry(item.key)}>
        {i18n.t('retry')}
      </Button>
      {isFailed && (
        <Button kind="ghost" onClick={() => actions.discard(item.key)}>
          {i18n.t('discard')}
        </Button>
      )}
    </div>
  );
}
