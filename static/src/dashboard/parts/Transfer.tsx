import arrows from 'lucide:arrow-left-right';
import check from 'lucide:check';
import users from 'lucide:users';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Conversation, Id, Member } from '../../core/protocol';
import { Avatar, Presence } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { usePopover } from '../../ui/popover';
import { attempt, useApp, useCommand } from '../app';
import { byPresence } from '../presence';
import { folded } from '../words';

/** A colleague, or nobody: then the conversation is everybody's again. */
type Choice = { id: Id | null; name: string; member: Member | null };

/** Who can take it: by name, those who are there first. */
function choicesOf(members: Iterable<Member>, nobody: string, wanted: string): Choice[] {
  const people = [...members]
    .sort(byPresence)
    .map((member) => ({ id: member.id, name: member.name, member }));
  const all: Choice[] = [...people, { id: null, name: nobody, member: null }];
  return all.filter(({ name }) => folded(name).includes(folded(wanted.trim())));
}

export function Transfer({ conversation }: { conversation: Conversation }) {
  const { t } = useI18n();
  const app = useApp();
  const popover = usePopover<HTMLDivElement>();
  useCommand('transfer', popover.open);

  const give = async ({ id, name }: Choice) => {
    popover.close();
    if (id === (conversation.assignee?.id ?? null)) return;
    const isTaken = id === app.desk.me && conversation.assignee !== null;
    const isDone = await attempt(app, () =>
      isTaken ? app.desk.takeOver(conversation.id) : app.desk.assign(conversation.id, id),
    );
    if (isDone) app.toaster.show(id ? t('transferred', { name }) : t('put_back'));
  };
  return (
    <>
      <Button icon={arrows} {...popover.button} aria-haspopup="dialog" title={t('transfer')}>
        <span class="button-word">{t('transfer')}</span>
      </Button>
      <div {...popover.panel} class="menu transfer" role="dialog" aria-label={t('transfer')}>
        {popover.isOpen && <Choices assignee={conversation.assignee?.id ?? null} onChoose={give} />}
      </div>
    </>
  );
}

type ChoicesProps = { assignee: Id | null; onChoose(choice: Choice): void };

/** A combobox whose list is always open: type, move by arrows, Enter. */
function Choices({ assignee, onChoose }: ChoicesProps) {
  const { t } = useI18n();
  const { desk } = useApp();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState(0);
  const choices = choicesOf(desk.members.value.values(), t('nobody'), wanted);
  const chosen = Math.min(at, choices.length - 1);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' }), [chosen]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const choice = choices[chosen];
    if (event.key === 'Enter' && choice) onChoose(choice);
    else if (event.key === 'ArrowDown') setAt((chosen + 1) % choices.length);
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + choices.length) % choices.length);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        ref={field}
        class="input"
        type="text"
        role="combobox"
        dir="auto"
        autocomplete="off"
        aria-label={t('transfer_to')}
        placeholder={t('transfer_to')}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
        value={wanted}
        onInput={(event) => {
          setWanted(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="transfer-list" role="listbox" id={`${id}-list`} aria-label={t('transfer_to')}>
        {choices.map((choice, index) => (
          <ChoiceRow
            key={choice.id ?? 'nobody'}
            id={`${id}-${index}`}
            choice={choice}
            isActive={index === chosen}
            isAssignee={choice.id === assignee}
            onChoose={() => onChoose(choice)}
          />
        ))}
      </div>
      {choices.length === 0 && (
        <p class="transfer-none" role="status">
          {t('transfer_none')}
        </p>
      )}
    </>
  );
}

type ChoiceRowProps = {
  id: string;
  choice: Choice;
  isActive: boolean;
  isAssignee: boolean;
  onChoose(): void;
};

function ChoiceRow({ id, choice, isActive, isAssignee, onChoose }: ChoiceRowProps) {
  const { t } = useI18n();
  const { desk } = useApp();
  const { member, name } = choice;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's, which keeps the focus.
    // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant points here.
    <div
      id={id}
      class="menu-item"
      role="option"
      aria-selected={isAssignee}
      data-active={isActive ? '' : undefined}
      onClick={onChoose}
    >
      {member ? (
        <Avatar name={name} seed={member.id} size="small" />
      ) : (
        <span class="avatar avatar-small" data-tone="none">
          <Icon of={users} />
        </span>
      )}
      <span class="truncate" dir="auto">
        {member?.id === desk.me ? t('named_you', { name }) : name}
      </span>
      {member && (
        <span class="colleague-status">
          <Presence status={member.status} isSilent />
          {t(`presence_${member.status}`)}
        </span>
      )}
      {isAssignee && <Icon of={check} class="menu-mark" />}
    </div>
  );
}
