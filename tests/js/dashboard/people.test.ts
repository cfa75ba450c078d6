import { describe, expect, test, vi } from 'vitest';
import type { EndUser } from '../../../static/src/core/protocol';
import { changesOf } from '../../../static/src/dashboard/parts/ContactForm';
import { People } from '../../../static/src/dashboard/people';

function person(id: string, more: Partial<EndUser> = {}): EndUser {
  return {
    id,
    name: 'Ana Beridze',
    email: 'ana@example.ge',
    is_verified: false,
    is_online: true,
    first_name: 'Ana',
    last_name: 'Beridze',
    phone: null,
    external_id: null,
    attributes: {},
    locale: 'ka',
    created_at: '2026-11-23T14:00:00.000Z',
    expires_at: null,
    notice_accepted_at: null,
    visits: [],
    conversations: [],
    ...more,
  };
}

describe('People', () => {
  test('one request at a time for one person', async () => {
    const get = vi.fn(async () => person('a') as never);
    const people = new People({ get, patch: vi.fn() });
    await Promise.all([people.refresh('a'), people.refresh('a')]);
    expect(get).toHaveBeenCalledOnce();
    await people.refresh('a');
    expect(get).toHaveBeenCalledTimes(2);
    expect(people.known.value.get('a')?.name).toBe('Ana Beridze');
  });

  test('a failure is remembered until it works', async () => {
    const get = vi.fn().mockRejectedValueOnce(new Error('offline'));
    get.mockResolvedValue(person('a'));
    const people = new People({ get, patch: vi.fn() });
    await people.refresh('a');
    expect(people.failed.value.has('a')).toBe(true);
    await people.refresh('a');
    expect(people.failed.value.has('a')).toBe(false);
  });

  test('of many people the latest are kept', async () => {
    const get = vi.fn(async (path: string) => person(path.split('/')[1] ?? '') as never);
    const people = new People({ get, patch: vi.fn() });
    for (let count = 0; count < 60; count += 1) await people.refresh(`p${count}`);
    expect(people.known.value.size).toBe(50);
    expect(people.known.value.has('p59')).toBe(true);
    expect(people.known.value.has('p9')).toBe(false);
  });

  test('a correction is shown as the server stored it', async () => {
    const patch = vi.fn(async () => person('a', { name: 'Anna Beridze', first_name: 'Anna' }) as never);
    const people = new People({ get: vi.fn(), patch });
    await people.change('a', { first_name: 'Anna' });
    expect(patch).toHaveBeenCalledWith('end-users/a', { first_name: 'Anna' }, expect.any(Function));
    expect(people.known.value.get('a')?.first_name).toBe('Anna');
  });
});

describe('changesOf', () => {
  const values = { first_name: 'Ana', last_name: 'Beridze', email: 'ana@example.ge', phone: '' };
  test('nothing changed, nothing sent', () => expect(changesOf(person('a'), values)).toEqual({}));
  test('only what changed, without blanks around it', () => {
    expect(changesOf(person('a'), { ...values, first_name: ' Anna ', phone: '+995 599' })).toEqual({
      first_name: 'Anna',
      phone: '+995 599',
    });
  });
  test('a field can be emptied', () => {
    expect(changesOf(person('a'), { ...values, email: '' })).toEqual({ email: '' });
  });
});
