import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryStore, type OutboxStore } from '../../../static/src/core/outbox_store';
import { thread } from '../support/shapes';
import { type Backend, Browser, type SceneOptions, settle } from './backend';

let browser: Browser;
let backend: Backend;
let open: Browser['open'];

beforeEach(() => {
  browser = new Browser();
  ({ backend, open } = browser);
});
afterEach(() => browser.end());

describe('a customer for whom the page vouches', () => {
  /** The page answers with these tokens, one after the other. */
  async function identified(tokens: (string | null)[], options: SceneOptions = {}) {
    const page = await open({ hasIdentity: true, ...options });
    const { told } = page;
    told.push = (...said) => {
      for (const one of said) {
        told[told.length] = one;
        if (one.type === 'identity.wanted') {
          queueMicrotask(() => page.store.hear({ type: 'identity', value: tokens.shift() ?? null }));
        }
      }
      return told.length;
    };
    return page;
  }

  test('opening the widget opens their history', async () => {
    backend.threads = [thread({ id: 'c7' })];
    const page = await identified(['jwt'], { isOpen: false });
    expect(backend.asked).toEqual([]);
    await page.hear({ type: 'visibility', value: true });
    expect(backend.of('POST session')[0]?.body).toMatchObject({ jwt: 'jwt' });
    expect(page.store.me.value?.is_verified).toBe(true);
    expect(page.store.view.value).toEqual({ name: 'thread', id: 'c7' });
  });

  test('a refused token is reported with its reason, and the visitor is a stranger', async () => {
    backend.on('POST session', ({ body }) =>
      (body as { jwt: string | null }).jwt
        ? [400, { error: { code: 'invalid', message: 'The token is older than 15 minutes.' } }]
        : [
            200,
            {
              token: 't',
              end_user: { id: 'eu', name: '', email: null, is_verified: false },
              threads: [],
              available: true,
            },
          ],
    );
    const page = await identified(['old']);
    await page.store.resume();
    expect(page.events('error')).toEqual([
      { code: 'identity', message: 'The token is older than 15 minutes.' },
    ]);
    expect(page.store.me.value?.id).toBe('eu');
  });

  test("with a refused token nobody gets what another person's browser remembers", async () => {
    backend.remember();
    backend.isVerified = true;
    backend.threads = [thread({ id: 'secret' })];
    let refusals = 1;
    backend.on('POST session', (asked) => {
      if ((asked.body as { jwt: string | null }).jwt && refusals > 0) {
        refusals -= 1;
        return [400, { error: { code: 'invalid', message: 'no' } }];
      }
      const { isVerified, threads } = backend;
      return [
        200,
        {
          token: 't',
          end_user: { id: 'x', name: '', email: null, is_verified: isVerified },
          threads,
          available: true,
        },
      ];
    });
    const page = await identified(['bad']);
    await page.store.resume();
    expect(backend.of('DELETE session')).toHaveLength(1);
    expect(page.store.threads.value).toEqual([]);
    expect(page.store.me.value?.is_verified).toBe(false);
  });

  test('signing in while a stranger talks makes that talk theirs, on a new line', async () => {
    const page = await identified(['jwt'], { hasIdentity: false });
    await page.store.start('Hello', {});
    await backend.accept();
    await page.hear({ type: 'identity.changed', value: true });
    await settle();
    expect(backend.of('POST identify')[0]?.body).toEqual({ jwt: 'jwt' });
    expect(page.store.me.value?.id).toBe('customer');
    expect(backend.lines).toHaveLength(2);
    expect(page.store.view.value).toEqual({ name: 'thread', id: 'c1' });
  });

  test('what a stranger wrote and was not sent is sent as the customer', async () => {
    const outboxes: Record<string, OutboxStore> = { eu: memoryStore(), customer: memoryStore() };
    const outboxOf = (person: string) => outboxes[person] ?? memoryStore();
    const page = await identified(['jwt'], { hasIdentity: false, outboxOf });
    await page.store.start('Hello', {});
    await backend.accept();
    backend.line.end(1012);
    page.store.chat?.send('c1', 'From the tunnel');
    const [unsent] = page.store.chat?.outbox.items ?? [];
    await page.hear({ type: 'identity.changed', value: true });
    await backend.accept();
    expect(backend.lines).toHaveLength(2);
    const sent = backend.line.sent.filter((frame) => frame.type === 'message.send');
    expect(sent.map(({ data }) => data)).toMatchObject([
      { conversation: 'c1', client_id: unsent?.client_id, body: 'From the tunnel' },
    ]);
    expect(await outboxes.eu?.all()).toEqual([]);
  });
});

describe('forgetting', () => {
  test('ends the session and leaves nothing behind', async () => {
    backend.keepsCookie = false;
    const page = await open();
    await page.store.start('Hello', {});
    await backend.accept();
    await page.hear({ type: 'forget', value: null });
    expect(backend.of('DELETE session')).toHaveLength(1);
    expect(localStorage.length).toBe(0);
    expect(page.store.threads.value).toEqual([]);
    expect(page.store.chat).toBeNull();
    expect(page.store.view.value).toEqual({ name: 'start' });
    expect(page.told.slice(-2)).toEqual([
      { type: 'known', value: false },
      { type: 'forgotten', value: null },
    ]);
    expect(page.backend.lines[0]?.closedWith).toBe(1000);
  });

  test('where the server cannot be told, it is told before anything else is asked', async () => {
    backend.remember();
    backend.threads = [thread({ id: 'secret' })];
    const page = await open();
    await page.store.resume();
    backend.on('DELETE session', [503, {}]);
    await page.hear({ type: 'forget', value: null });
    expect(page.told.map(({ type }) => type)).not.toContain('forgotten');
    expect(page.store.threads.value).toEqual([]);

    backend.rules.clear();
    const next = await open();
    await next.store.start('Somebody else', {});
    const asked = backend.asked.map(({ method, path }) => `${method} ${path}`);
    expect(asked.filter((what) => what !== 'POST socket-tickets').slice(-3)).toEqual([
      'DELETE session',
      'POST session',
      'POST conversations',
    ]);
    expect(next.store.threads.value.map(({ id }) => id)).toEqual(['c1']);
  });

  test('unsent words go with the rest', async () => {
    const page = await open();
    await page.store.start('Hello', {});
    page.store.chat?.send('c1', 'still here');
    expect(await page.outbox.all()).toHaveLength(1);
    await page.store.forget();
    expect(await page.outbox.all()).toEqual([]);
  });
});

describe('what the page says of the visitor', () => {
  test('stands in the form, and never over their own words', async () => {
    const page = await open({ profile: { name: 'Ana Maria Beridze', mobile: '+995', email: 'a@b.example' } });
    expect(page.store.draft.value.values).toEqual({
      name: 'Ana Maria Beridze',
      email: 'a@b.example',
      phone: '+995',
      topic: '',
    });
    page.store.draft.value = {
      ...page.store.draft.value,
      values: { ...page.store.draft.value.values, name: 'Nina' },
    };
    await page.hear({ type: 'profile', value: { name: 'Somebody else' } });
    expect(page.store.draft.value.values.name).toBe('Nina');
  });

  test('goes to the server once there is a session', async () => {
    const page = await open({ profile: { first_name: 'Ana' } });
    await page.store.start('Hello', {});
    await page.hear({ type: 'profile', value: { email: 'a@b.example', password: 'x' } });
    expect(backend.of('PATCH end-user').map(({ body }) => body)).toEqual([
      { first_name: 'Ana' },
      { email: 'a@b.example' },
    ]);
  });

  test('a chosen language is remembered once there is a session, and told to the page', async () => {
    const page = await open();
    await page.store.start('Hello', {});
    await page.store.setLocale('de', true);
    expect(page.remembered).toEqual(['de']);
    expect(page.store.i18n.value.t('start')).toBe('Chat starten');
    expect(page.told.at(-1)).toEqual({ type: 'locale', value: 'de' });
  });
});
