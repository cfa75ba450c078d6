import archive from 'lucide:archive';
import badgeCheck from 'lucide:badge-check';
import circleCheck from 'lucide:circle-check';
import circleDashed from 'lucide:circle-dashed';
import message from 'lucide:message-square';
import pencil from 'lucide:pencil';
import shield from 'lucide:shield-alert';
import timer from 'lucide:timer';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { clockTime, fullTime } from '../../core/dates';
import type { Conversation, ConversationState, EndUser, EndUserBrief } from '../../core/protocol';
import { Avatar } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { Skeleton } from '../../ui/marks';
import { useApp } from '../app';
import { everyHalfMinute } from '../now';
import { hashOf } from '../route';
import { dayOf, isUnnamed, languageName, pathOf } from '../words';
import { ContactForm } from './ContactForm';

/** Everything known of the person in the thread. */
export function Details({ conversation }: { conversation: Conversation }) {
  const { t } = useI18n();
  const { desk } = useApp();
  const { end_user, page_url } = conversation;
  const person = desk.people.known.value.get(end_user.id);
  const [isEditing, setEditing] = useState(false);

  // The page they are on and what they are called are the signs of news about them.
  useEffect(
    () => void desk.people.refresh(end_user.id),
    [end_user.id, end_user.name, end_user.email, end_user.is_online, page_url],
  );
  useEffect(() => setEditing(false), [end_user.id]);

  return (
    <div class="details">
      <Person brief={end_user} person={person} onEdit={isEditing ? null : () => setEditing(true)} />
      {person && isEditing && <ContactForm person={person} onDone={() => setEditing(false)} />}
      {person && !isEditing && <Facts person={person} />}
      {person && <Pages person={person} />}
      <Data conversation={conversation} person={person} />
      {person && <Earlier person={person} current={conversation.id} />}
      {!person && <Coming id={end_user.id} />}
      <span class="visually-hidden" role="status">
        {isEditing ? t('contact_editing') : ''}
      </span>
    </div>
  );
}

type PersonProps = { brief: EndUserBrief; person: EndUser | undefined; onEdit: (() => void) | null };

function Person({ brief, person, onEdit }: PersonProps) {
  const { t } = useI18n();
  return (
    <header class="details-person">
      <Avatar
        name={brief.name}
        seed={brief.id}
        size="large"
        isAnonymous={isUnnamed(brief)}
        status={brief.is_online ? 'online' : null}
      />
      <div class="details-name">
        <h2 class="truncate" dir="auto">
          {brief.name}
        </h2>
        <p class="truncate">
          {brief.email ? (
            <a class="details-mail" href={`mailto:${encodeURIComponent(brief.email).replace('%40', '@')}`}>
              {brief.email}
            </a>
          ) : (
            t('no_email')
          )}
        </p>
        {brief.is_verified && (
          <p class="details-verified" title={t('verified_means')}>
            <Icon of={badgeCheck} />
            {t('verified')}
          </p>
        )}
      </div>
      {person && onEdit && <IconButton icon={pencil} label={t('contact_edit')} onClick={onEdit} />}
    </header>
  );
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="details-group">
      <h3 class="details-title">{title}</h3>
      {children}
    </section>
  );
}

type Fact = { name: string; value: ComponentChildren };

function Facts({ person }: { person: EndUser }) {
  const i18n = useI18n();
  const { t } = i18n;
  const now = everyHalfMinute.value;
  const [last] = person.visits;
  const from = last?.referrer_host;
  const device = [last?.browser, last?.device].filter(Boolean);
  const first = dayOf(i18n, person.created_at, now);
  const facts: (Fact | false)[] = [
    person.phone !== null && person.phone !== '' && { name: t('phone'), value: <bdi>{person.phone}</bdi> },
    { name: t('first_seen'), value: first },
    person.visits.length > 0 && { name: t('visits'), value: i18n.number(person.visits.length) },
    device.length > 0 && { name: t('browser'), value: <bdi>{device.join(' · ')}</bdi> },
    Boolean(from) && { name: t('came_from'), value: <bdi>{from}</bdi> },
    person.locale !== null &&
      person.locale !== '' && { name: t('language'), value: languageName(i18n, person.locale) },
    Boolean(person.external_id) && { name: t('external_id'), value: <bdi>{person.external_id}</bdi> },
  ];
  const attributes = Object.entries(person.attributes);
  return (
    <>
      <Group title={t('visitor')}>
        <FactList facts={facts.filter((fact) => fact !== false)} />
      </Group>
      {attributes.length > 0 && (
        <Group title={t('attributes')}>
          <FactList facts={attributes.map(([name, value]) => ({ name, value: <bdi>{value}</bdi> }))} />
        </Group>
      )}
    </>
  );
}

function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ name, value }) => (
        <div key={name} class="fact">
          <dt dir="auto">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const mostPages = 8;

function Pages({ person }: { person: EndUser }) {
  const i18n = useI18n();
  const [areAll, setAll] = useState(false);
  const pages = [...(person.visits[0]?.pages ?? [])].sort((one, other) => other.at.localeCompare(one.at));
  if (pages.length === 0) return null;
  const shown = areAll ? pages : pages.slice(0, mostPages);
  return (
    <Group title={i18n.t('pages')}>
      <ol class="pages">
        {shown.map((page) => (
          <li key={`${page.at} ${page.url}`} class="page">
            <time dateTime={page.at} title={fullTime(i18n, page.at)}>
              {clockTime(i18n, page.at)}
            </time>
            <bdi class="truncate" title={page.title || page.url}>
              {pathOf(page.url)}
            </bdi>
          </li>
        ))}
      </ol>
      {pages.length > shown.length && (
        <Button kind="ghost" size="small" onClick={() => setAll(true)}>
          {i18n.n('pages_more', pages.length - shown.length)}
        </Button>
      )}
    </Group>
  );
}

/** What the person agreed to, and when what they wrote will be gone. */
function Data({ conversation, person }: { conversation: Conversation; person: EndUser | undefined }) {
  const i18n = useI18n();
  const { t } = i18n;
  const now = everyHalfMinute.value;
  const accepted = person?.notice_accepted_at;
  const date = (at: string) => dayOf(i18n, at, now);
  return (
    <Group title={t('consent')}>
      <ul class="card data">
        {person && (
          <li data-tone={accepted ? 'green' : undefined}>
            <Icon of={accepted ? circleCheck : circleDashed} />
            {accepted
              ? t('notice_accepted', { date: date(accepted), time: clockTime(i18n, accepted) })
              : t('notice_not_accepted')}
          </li>
        )}
        <li>
          <Icon of={timer} />
          {conversation.expires_at
            ? t('deleted_on', { date: date(conversation.expires_at) })
            : t('deleted_open')}
        </li>
        {person?.expires_at && (
          <li>
            <Icon of={timer} />
            {t('person_deleted_on', { date: date(person.expires_at) })}
          </li>
        )}
      </ul>
    </Group>
  );
}

const stateIcons: Readonly<Record<ConversationState, IconShape>> = {
  open: message,
  closed: archive,
  spam: shield,
};

function Earlier({ person, current }: { person: EndUser; current: string }) {
  const i18n = useI18n();
  const { route } = useApp();
  const others = person.conversations.filter(({ id }) => id !== current);
  if (others.length === 0) return null;
  return (
    <Group title={i18n.t('earlier_talks')}>
      <ul class="earlier">
        {others.map(({ id, state, last_message_body, created_at }) => (
          <li key={id}>
            <a class="earlier-link" href={hashOf({ section: route.value.section, conversation: id })}>
              <Icon of={stateIcons[state] ?? message} />
              <span class="truncate" dir="auto">
                {last_message_body || i18n.t('nothing_written')}
              </span>
              <span class="visually-hidden">{i18n.t(`state_${state}`)}</span>
              <time dateTime={created_at}>
                {i18n.date(new Date(created_at), { day: 'numeric', month: 'short' })}
              </time>
            </a>
          </li>
        ))}
      </ul>
    </Group>
  );
}

function Coming({ id }: { id: string }) {
  const { t } = useI18n();
  const { desk } = useApp();
  if (desk.people.failed.value.has(id)) {
    return (
      <div class="details-failed">
        <p>{t('details_failed')}</p>
        <Button size="small" onClick={() => void desk.people.refresh(id)}>
          {t('try_again')}
        </Button>
      </div>
    );
  }
  return (
    <div aria-busy="true">
      <p class="visually-hidden">{t('loading')}</p>
      <Skeleton widths={[30, 90, 80, 86, 60]} />
    </div>
  );
}
