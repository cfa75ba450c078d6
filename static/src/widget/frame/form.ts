import { limits } from '../../core/protocol';
import type { FieldName, FieldRule, WidgetConfig } from '../config';
import type { Person } from './guards';
import type { Opening } from './visitor_api';

/** One field of the form before the first message. */
export type FieldPlan = { name: FieldName; isRequired: boolean };
export type Values = Record<FieldName, string>;
/** Keys of texts by field; an unknown key is shown as it is. */
export type Problems = Partial<Record<FieldName | 'body' | 'consent', string>>;

export const fieldNames: readonly FieldName[] = ['name', 'email', 'phone', 'topic'];
const emptyValues: Values = { name: '', email: '', phone: '', topic: '' };

/** The form as far as it is filled in. */
export type Draft = { values: Values; body: string; hasConsent: boolean };
export const emptyDraft: Draft = { values: emptyValues, body: '', hasConsent: false };

/** What the page says of the visitor stands in the form, for them to see; never over their own words. */
export function prefilled(draft: Draft, { first_name, last_name, email, phone }: Person): Draft {
  const { values } = draft;
  const name = [first_name, last_name].filter(Boolean).join(' ');
  return {
    ...draft,
    values: {
      ...values,
      name: values.name || name,
      email: values.email || (email ?? ''),
      phone: values.phone || (phone ?? ''),
    },
  };
}

const longest: Readonly<Record<FieldName, number>> = { name: 160, email: 254, phone: 32, topic: 120 };
export const longestOf = (name: FieldName): number => longest[name];

/** The fields to ask for. Nobody is there: an address for the answer is needed, whatever the form says. */
export function planOf(
  form: WidgetConfig['form'],
  isAvailable: boolean,
  known: Partial<Values>,
): FieldPlan[] {
  const ruleOf = (name: FieldName): FieldRule =>
    name === 'email' && !isAvailable ? 'required' : (form[name] ?? 'hidden');
  return fieldNames.flatMap((name) => {
    const rule = ruleOf(name);
    if (rule === 'hidden' || known[name]) return [];
    return [{ name, isRequired: rule === 'required' }];
  });
}

/** Something before the @, and a name with a dot behind it: the server looks closer. */
const looksLikeEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

export function problemsOf(
  plan: readonly FieldPlan[],
  values: Values,
  body: string,
  hasConsent: boolean,
): Problems {
  const problems: Problems = {};
  for (const { name, isRequired } of plan) {
    const value = values[name].trim();
    if (isRequired && !value) problems[name] = 'field_required';
    else if (name === 'email' && value && !looksLikeEmail(value)) problems.email = 'email_wrong';
  }
  if (!body.trim()) problems.body = 'message_required';
  else if (body.length > limits.body) problems.body = 'message_too_long';
  if (!hasConsent) problems.consent = 'consent_required';
  return problems;
}

/** What the server says of fields, such as `form.email`, as problems here; its sentence where we have no text. */
export function problemsFrom(fields: Readonly<Record<string, string[]>>): Problems {
  const problems: Problems = {};
  for (const [path, sentences] of Object.entries(fields)) {
    const name = path.replace(/^form\./, '');
    if (name === 'email') problems.email = path === name ? 'email_wrong' : 'field_required';
    else if (name === 'notice_accepted') problems.consent = 'consent_required';
    else if (name === 'body') problems.body = sentences.join(' ');
    else if (fieldNames.includes(name as FieldName)) problems[name as FieldName] = sentences.join(' ');
  }
  return problems;
}

/** Only what was asked for and filled in. */
export function answersOf(plan: readonly FieldPlan[], values: Values): Opening['form'] {
  const given = plan.map(({ name }) => [name, values[name].trim()] as const).filter(([, value]) => value);
  return Object.fromEntries(given);
}
