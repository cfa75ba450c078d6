import { useRef, useState } from 'preact/hooks';
import { Refusal } from '../../core/errors';
import type { I18n } from '../../core/i18n';
import { Button } from '../../ui/Button';
import { Checkbox, TextArea, TextField } from '../../ui/Field';
import { useI18n } from '../../ui/I18n';
import { sentenceOf } from './attempt';
import { textOf } from './config';
import { useApp } from './context';
import {
  answersOf,
  type FieldPlan,
  longestOf,
  type Problems,
  planOf,
  problemsFrom,
  problemsOf,
  type Values,
} from './form';

const types = { name: 'text', email: 'email', phone: 'tel', topic: 'text' } as const;
const autocompletes = { name: 'name', email: 'email', phone: 'tel', topic: 'off' } as const;

type Form = {
  plan: FieldPlan[];
  values: Values;
  body: string;
  hasConsent: boolean;
  /** asked once: somebody with a thread has agreed before */
  asksConsent: boolean;
  problems: Problems;
  /** why the last try failed as a whole */
  failure: string;
  isBusy: boolean;
  setValue(name: keyof Values, value: string): void;
  setBody(body: string): void;
  setConsent(hasConsent: boolean): void;
  submit(): Promise<void>;
};

/** What need not be asked of somebody who was here before. */
function useKnown(): Partial<Values> {
  const { store } = useApp();
  const email = store.me.value?.email;
  const once = store.threads.value.length > 0 ? { name: 'known', phone: 'known' } : {};
  return email ? { ...once, email } : once;
}

/** The words stay in the store, so that a look elsewhere does not lose them. */
function useForm(root: { current: HTMLElement | null }): Form {
  const { store } = useApp();
  const i18n = useI18n();
  const [problems, setProblems] = useState<Problems>({});
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);
  const draft = store.draft.value;
  const { values, body, hasConsent } = draft;
  const asksConsent = store.threads.value.length === 0;
  const plan = planOf(store.config.form, store.available.value, useKnown());

  const change = (part: Partial<typeof draft>) => {
    store.draft.value = { ...store.draft.value, ...part };
  };
  const refuse = (found: Problems) => {
    setProblems(found);
    // After the next drawing: only then the fields say that they are wrong.
    setTimeout(() => root.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
  };
  const send = async () => {
    setBusy(true);
    setFailure('');
    try {
      await store.start(body.trim(), answersOf(plan, values));
    } catch (error) {
      const fields = error instanceof Refusal ? problemsFrom(error.fields) : {};
      refuse(fields);
      if (Object.keys(fields).length === 0) setFailure(sentenceOf(error, i18n));
    } finally {
      setBusy(false);
    }
  };
  return {
    plan,
    values,
    body,
    hasConsent,
    asksConsent,
    problems,
    failure,
    isBusy,
    setValue: (name, value) => change({ values: { ...values, [name]: value } }),
    setBody: (next) => change({ body: next }),
    setConsent: (next) => change({ hasConsent: next }),
    async submit() {
      const found = problemsOf(plan, values, body, hasConsent || !asksConsent);
      refuse(found);
      if (Object.keys(found).length === 0) await send();
    },
  };
}

export function StartScreen() {
  const { store } = useApp();
  const i18n = useI18n();
  const root = useRef<HTMLFormElement>(null);
  const form = useForm(root);
  const isAvailable = store.available.value;
  const own = textOf(store.config, i18n.locale, isAvailable ? 'intro' : 'offline');
  return (
    <form
      ref={root}
      class="start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <div class="start-fields">
        <div class="start-head">
          <h2 class="start-title">{i18n.t('start_title')}</h2>
          <p class="start-text" dir="auto">
            {own ?? i18n.t(isAvailable ? 'start_text' : 'start_text_away')}
          </p>
        </div>
        {form.plan.map((field) => (
          <PlannedField key={field.name} field={field} form={form} />
        ))}
        <TextArea
          label={i18n.t('message')}
          error={problemText(form, 'body', i18n)}
          value={form.body}
          onValue={form.setBody}
          name="message"
          placeholder={i18n.t('message_hint')}
          isRequired
        />
        {form.asksConsent && <Consent form={form} />}
      </div>
      <div class="start-action">
        <div role="alert">{form.failure && <p class="start-failure">{form.failure}</p>}</div>
        <Button kind="primary" size="large" type="submit" isBlock isBusy={form.isBusy}>
          {i18n.t(isAvailable ? 'start' : 'start_away')}
        </Button>
      </div>
    </form>
  );
}

function problemText(form: Form, name: keyof Problems, { t }: I18n): string | undefined {
  const problem = form.problems[name];
  return problem && t(problem);
}

function PlannedField({ field: { name, isRequired }, form }: { field: FieldPlan; form: Form }) {
  const i18n = useI18n();
  return (
    <TextField
      label={i18n.t(`field_${name}`)}
      {...(name === 'email' && { placeholder: i18n.t('field_email_hint') })}
      error={problemText(form, name, i18n)}
      type={types[name]}
      autocomplete={autocompletes[name]}
      name={name}
      maxLength={longestOf(name)}
      value={form.values[name]}
      onValue={(value) => form.setValue(name, value)}
      isOptional={!isRequired}
      isRequired={isRequired}
    />
  );
}

/** Never ticked beforehand. */
function Consent({ form }: { form: Form }) {
  const { store } = useApp();
  const i18n = useI18n();
  const { organizationName, retentionDays, noticeUrl } = store.config;
  return (
    <Checkbox
      name="consent"
      isChecked={form.hasConsent}
      onChange={form.setConsent}
      error={problemText(form, 'consent', i18n)}
      isRequired
    >
      {i18n.n('consent', retentionDays, { organization: organizationName })}{' '}
      {noticeUrl && (
        <a href={noticeUrl} target="_blank" rel="noopener noreferrer">
          {i18n.t('notice')}
        </a>
      )}
    </Checkbox>
  );
}
