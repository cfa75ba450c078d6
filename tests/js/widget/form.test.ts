import { describe, expect, test } from 'vitest';
import { answersOf, planOf, problemsFrom, problemsOf } from '../../../static/src/widget/frame/form';

const form = { name: 'required', email: 'optional', phone: 'hidden', topic: 'optional' } as const;
const filled = { name: 'Ana', email: 'ana@example.com', phone: '', topic: '' };

describe('the fields', () => {
  test('are those of the form', () => {
    expect(planOf(form, true, {})).toEqual([
      { name: 'name', isRequired: true },
      { name: 'email', isRequired: false },
      { name: 'topic', isRequired: false },
    ]);
  });

  test('hold an address when nobody is there, whatever the form says', () => {
    const plan = planOf({ ...form, email: 'hidden' }, false, {});
    expect(plan).toContainEqual({ name: 'email', isRequired: true });
  });

  test('leave out what is known already', () => {
    expect(planOf(form, false, { name: 'Ana', email: 'a@b.example' })).toEqual([
      { name: 'topic', isRequired: false },
    ]);
  });
});

describe('problems', () => {
  const plan = planOf(form, true, {});

  test('none', () => {
    expect(problemsOf(plan, filled, 'Hello', true)).toEqual({});
  });

  test('each names its field', () => {
    expect(problemsOf(plan, { ...filled, name: ' ', email: 'ana@' }, ' \n', false)).toEqual({
      name: 'field_required',
      email: 'email_wrong',
      body: 'message_required',
      consent: 'consent_required',
    });
  });

  test('a message may have 4,000 characters', () => {
    expect(problemsOf(plan, filled, 'x'.repeat(4000), true)).toEqual({});
    expect(problemsOf(plan, filled, 'x'.repeat(4001), true)).toEqual({ body: 'message_too_long' });
  });

  test('a field that is not asked for has none', () => {
    expect(problemsOf([], { ...filled, name: '', email: 'x' }, 'Hello', true)).toEqual({});
  });

  test("the server's", () => {
    expect(
      problemsFrom({
        'form.name': ['Fill in this field.'],
        email: ['Write an e-mail address.'],
        notice_accepted: ['Accept it.'],
        body: ['Too long.', 'Really.'],
        'page.url': ['Not ours to show.'],
      }),
    ).toEqual({
      name: 'Fill in this field.',
      email: 'email_wrong',
      consent: 'consent_required',
      body: 'Too long. Really.',
    });
  });
});

test('only what was asked for and filled in is sent', () => {
  const plan = planOf(form, true, {});
  const values = { name: ' Ana ', email: '', phone: '+995', topic: 'Sofa' };
  expect(answersOf(plan, values)).toEqual({ name: 'Ana', topic: 'Sofa' });
});
