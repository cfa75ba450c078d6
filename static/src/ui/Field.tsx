import circleAlert from 'lucide:circle-alert';
import type { ComponentChildren, Ref } from 'preact';
import { useId } from 'preact/hooks';
import { useI18n } from './I18n';
import { Icon } from './Icon';

type Common = {
  label: string;
  hint?: string | undefined;
  /** sentences; the first control with one should get the focus */
  error?: string | readonly string[] | undefined;
};

/** What a control needs to be tied to its label, hint and error. */
export type Control = {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': 'true' | undefined;
};

type FieldProps = Common & {
  /** says "optional" beside the label */
  isOptional?: boolean;
  children: (control: Control) => ComponentChildren;
};

function sentenceOf(error: Common['error']): string {
  return typeof error === 'string' ? error : (error?.join(' ') ?? '');
}

function FieldError({ id, text }: { id: string; text: string }) {
  return (
    <p class="field-error" id={id}>
      <Icon of={circleAlert} />
      <span>{text}</span>
    </p>
  );
}

/** A label, any control, its hint and its error. */
export function Field({ label, hint, error, isOptional, children }: FieldProps) {
  const { t } = useI18n();
  const id = useId();
  const sentence = sentenceOf(error);
  const described = [hint && `${id}-hint`, sentence && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label} {isOptional && <span class="field-optional">{t('optional')}</span>}
      </label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': sentence ? 'true' : undefined,
      })}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {sentence && <FieldError id={`${id}-error`} text={sentence} />}
    </div>
  );
}

type TextProps<E extends HTMLElement> = Common & {
  value: string;
  onValue(value: string): void;
  isOptional?: boolean;
  name?: string;
  autocomplete?: string;
  placeholder?: string;
  maxLength?: number;
  isRequired?: boolean;
  isDisabled?: boolean;
  controlRef?: Ref<E>;
};

type TextFieldProps = TextProps<HTMLInputElement> & {
  type?: 'text' | 'email' | 'tel' | 'url' | 'search' | 'password';
};

/** The attributes that both kinds of text control share. */
function textAttributes<E extends HTMLElement>(props: TextProps<E>, control: Control) {
  return {
    // An empty field has no words of its own: caret and placeholder stand where the page's script begins.
    ...(props.value && { dir: 'auto' as const }),
    class: 'input',
    ...control,
    name: props.name,
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    required: props.isRequired,
    disabled: props.isDisabled,
    value: props.value,
  };
}

export function TextField(props: TextFieldProps) {
  return (
    <Field {...props}>
      {(control) => (
        <input
          {...textAttributes(props, control)}
          ref={props.controlRef}
          // Preact ties each type to its own set of roles; none is given here.
          type={(props.type ?? 'text') as 'text'}
          autocomplete={props.autocomplete}
          onInput={(event) => props.onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function TextArea(props: TextProps<HTMLTextAreaElement>) {
  return (
    <Field {...props}>
      {(control) => (
        <textarea
          {...textAttributes(props, control)}
          ref={props.controlRef}
          onInput={(event) => props.onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type SelectProps = Common & {
  value: string;
  onValue(value: string): void;
  options: readonly { value: string; label: string }[];
  isOptional?: boolean;
  name?: string;
};

export function Select({ label, hint, error, isOptional, value, onValue, options, name }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error} isOptional={isOptional}>
      {(control) => (
        <select
          {...control}
          class="input"
          name={name}
          value={value}
          onChange={(event) => onValue(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type CheckProps = {
  isChecked: boolean;
  onChange(isChecked: boolean): void;
  error?: Common['error'];
  name?: string;
  isRequired?: boolean;
  /** the label; links inside stay links */
  children: ComponentChildren;
};

export function Checkbox({ isChecked, onChange, error, name, isRequired, children }: CheckProps) {
  const id = useId();
  const sentence = sentenceOf(error);
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        name={name}
        checked={isChecked}
        required={isRequired}
        aria-describedby={sentence ? `${id}-error` : undefined}
        aria-invalid={sentence ? 'true' : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{children}</label>
      {sentence && <FieldError id={`${id}-error`} text={sentence} />}
    </div>
  );
}

type SwitchProps = { label: string; isOn: boolean; onChange(isOn: boolean): void; isDisabled?: boolean };

export function Switch({ label, isOn, onChange, isDisabled }: SwitchProps) {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
    />
  );
}
