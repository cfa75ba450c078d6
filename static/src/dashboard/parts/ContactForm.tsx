import { useEffect, useRef, useState } from 'preact/hooks';
import { Refusal } from '../../core/errors';
import type { EndUser } from '../../core/protocol';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { useI18n } from '../../ui/I18n';
import { useApp } from '../app';
import { reasonOf } from '../desk';
import type { ContactFields } from '../people';

const names = ['first_name', 'last_name', 'email', 'phone'] as const;
type Values = Record<(typeof names)[number], string>;

const inputs = {
  first_name: { type: 'text', autocomplete: 'off', maxLength: 60 },
  last_name: { type: 'text', autocomplete: 'off', maxLength: 60 },
  email: { type: 'email', autocomplete: 'off', maxLength: 254, dir: 'ltr' },
  phone: { type: 'tel', autocomplete: 'off', maxLength: 32, dir: 'ltr' },
} as const;

function valuesOf(person: EndUser): Values {
  const { first_name, last_name, email, phone } = person;
  return {
    first_name: first_name ?? '',
    last_name: last_name ?? '',
    email: email ?? '',
    phone: phone ?? '',
  };
}

/** Only what the operator changed is sent, so that two corrections do not undo each other. */
export function changesOf(person: EndUser, values: Values): ContactFields {
  const before = valuesOf(person);
  return Object.fromEntries(
    names.flatMap((name) => (values[name].trim() === before[name] ? [] : [[name, values[name].trim()]])),
  );
}

export function ContactForm({ person, onDone }: { person: EndUser; onDone(): void }) {
  const { t } = useI18n();
  const { desk, toaster } = useApp();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(() => valuesOf(person));
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [isBusy, setBusy] = useState(false);

  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus(), [errors]);

  const save = async () => {
    const changes = changesOf(person, values);
    if (Object.keys(changes).length === 0) return onDone();
    setBusy(true);
    try {
      await desk.people.change(person.id, changes);
      toaster.show(t('contact_saved'));
      onDone();
    } catch (error) {
      setErrors(error instanceof Refusal ? error.fields : {});
      const { key, sentence } = reasonOf(error);
      if (!(error instanceof Refusal) || Object.keys(error.fields).length === 0)
        toaster.show(sentence || t(key));
      setBusy(false);
    }
  };

  return (
    <form
      ref={form}
      class="contact"
      noValidate
      aria-label={t('contact_edit')}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void save();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onDone();
      }}
    >
      {names.map((name) => (
        <TextField
          key={name}
          {...inputs[name]}
          label={t(name)}
          value={values[name]}
          error={errors[name]}
          onValue={(value) => setValues({ ...values, [name]: value })}
        />
      ))}
      <div class="contact-actions">
        <Button size="small" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button kind="primary" size="small" type="submit" isBusy={isBusy}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
