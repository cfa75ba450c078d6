import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import { message, operator, thread } from '../support/shapes';
import { Backend, type Scene, scene, settle } from './backend';

let backend: Backend;
let running: Scene[];

beforeEach(() => {
  localStorage.clear();
  backend = new Backend();
  running = [];
});
afterEach(() => {
  for (const { store } of running) store.chat?.stop();
  vi.useRealTimers();
});

async function open(options: Parameters<typeof scene>[1] = {}): Promise<Scene> {
  const made = await scene(backend, options);
  running.push(made);
  return made;
}

const known = ({ told }: Scene) => told.filter(({ type }) => type === 'known').map(({ value }) => value);

describe('the first act', () => {
  test('before it nothing is asked, connected or stored', async () => {
    const page = await open();
    await page.hear({ type: 'page', value: { url: 'https://shop.example/cart', title: '', referrer: '' } });
    await page.hear({ type: 'profile', value: { name: 'Ana Beridze' } });
    await page.hear({ type: 'locale', value: 'de' });
    await page.hear({ type: 'visibility', value: false });
    await page.store.setLocale('ar', true);
    expect(backend.asked).toEqual([]);
    expect(backend.lines).toEqual([]);
    expect(localStorage.length).toBe(0);
    expect(page.remembered).toEqual([]);
    expect(known(page)).toEqual([]);
  });

  test('begins a session on this page, starts the conversation and connects', async () => {
    const page = await open();
    await page.store.start('Hello', { name: 'Ana' });
    await backend.accept();
    expect(backend.of('POST session')[0]?.body).toEqual({
      jwt: null,
      locale: 'en',
      page: { url: 'https://shop.example/sofas', title: 'Sofas', referrer: '' },
    });
    expect(backend.of('POST conversations')[0]?.body).toEqual({
      client_id: 'client 1',
      body: 'Hello',
      attachments: [],
      form: { name: 'Ana' },
      notice_accepted: true,
    });
    expect(page.store.view.value).toEqual({ name: 'thread', id: 'c1' });
    expect(page.store.chat?.log('c1')?.messages.map(({ body }) => body)).toEqual(['Hello']);
    expect(known(page).at(-1)).toBe(true);
    expect(page.events('consent')).toEqual([{ accepted: true }]);
  });

  test('what the page hears of a message never holds its words', async () => {
    const page = await open();
    await page.store.start('my card number is 4111', {});
    await backend.accept();
    const at = '2026-11-23T14:00:00.000Z';
    expect(page.events('message:sent')).toEqual([{ conversation: 'c1', message: 'c1m1', at }]);
    expect(JSON.stringify(page.told)).not.toContain('4111');
  });

  test('tried again after an answer that was lost, the same words are the same message', async () => {
    const page = await open();
    backend.on('POST conversations', [503, {}]);
    await expect(page.store.start('Hello', {})).rejects.toMatchObject({ code: 'unavailable' });
    backend.rules.clear();
    await page.store.start('Hello', {});
    await page.store.start('Something else', {});
    const ids = backend.of('POST conversations').map(({ body }) => (body as { client_id: string }).client_id);
    expect(ids).toEqual(['client 1', 'client 1', 'client 2']);
    expect(backend.of('POST session')).toHaveLength(1);
  });

  test.each(['not_live', 'forbidden'])('a server that says %s shuts the widget', async (code) => {
    const page = await open();
    backend.on('POST session', [403, { error: { code, message: 'no' } }]);
    await expect(page.store.start('Hello', {})).rejects.toBeInstanceOf(Refusal);
    expect(page.store.barrier.value).toBe(code);
    expect(page.store.me.value).toBeNull();
  });

  test('a browser that keeps no cookie is known by its token, in storage', async () => {
    backend.keepsCookie = false;
    const page = await open();
    await page.store.start('Hello', {});
    await backend.accept();
    expect(backend.of('POST conversations').map(({ authorization }) => authorization)).toEqual([
      null,
      'Visitor token 1',
    ]);
    expect(localStorage.getItem('livecaller:pk_test:token')).toBe('token 1');
    expect(page.store.endsWithPage.value).toBe(false);
    expect(known(page).at(-1)).toBe(true);
  });

  test('a browser that keeps nothing at all is told so, and not looked for on the next page', async () => {
    backend.keepsCookie = false;
    const page = await open({
      storage: () => {
        throw new Error('SecurityError');
      },
    });
    await page.store.start('Hello', {});
    await backend.accept();
    expect(page.store.endsWithPage.value).toBe(true);
    expect(known(page)).not.toContain(true);
  });
});

describe('the next page', () => {
  test('takes up the open thread by itself', async () => {
    backend.remember();
    backend.threads = [thread({ id: 'c7', state: 'open' }), thread({ id: 'c6', state: 'closed' })];
    const page = await open({ isOpen: false });
    const resumed = page.store.resume();
    expect(page.store.isResuming.value).toBe(true);
    await resumed;
    await backend.accept();
    expect(page.store.isResuming.value).toBe(false);
    expect(page.store.view.value).toEqual({ name: 'thread', id: 'c7' });
    expect(backend.of('POST conversations')).toEqual([]);
  });

  test('a browser that was forgotten meanwhile stays a stranger, and no session is begun', async () => {
    const page = await open({ isOpen: false });
    await page.store.resume();
    expect(backend.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET conversations']);
    expect(known(page)).toEqual([false]);
    expect(page.store.view.value).toEqual({ name: 'start' });
  });

  test('a server that does not answer is no reason to forget', async () => {
    backend.remember();
    backend.on('GET conversations', [503, {}]);
    const page = await open({ isOpen: false });
    await page.store.resume();
    expect(known(page)).toEqual([]);
  });

  test.each([
    ['one closed thread opens it', [thread({ id: 'a', state: 'closed' })], { name: 'thread', id: 'a' }],
    [
      'several closed ones are listed',
      [thread({ id: 'a', state: 'closed' }), thread({ id: 'b', state: 'closed' })],
      { name: 'threads' },
    ],
    [
      'a closed one with news comes first',
      [thread({ id: 'a', state: 'closed' }), thread({ id: 'b', state: 'closed', unread: 1 })],
      { name: 'thread', id: 'b' },
    ],
    ['none: the form', [], { name: 'start' }],
  ])('%s', async (_, threads, view) => {
    backend.remember();
    backend.threads = threads;
    const page = await open({ isOpen: false });
    await page.store.resume();
    expect(page.store.view.value).toEqual(view);
  });

  test('unread messages are counted over all threads', async () => {
    backend.remember();
    backend.threads = [
      thread({ id: 'a', version: 1, state: 'open', unread: 1 }),
      thread({ id: 'b', state: 'closed', unread: 2 }),
    ];
    backend.messages = [message(1, { conversation: 'a', author: operator })];
    const page = await open({ isOpen: false });
    await page.store.resume();
    expect(page.store.unread.value).toBe(3);
    await backend.accept();
    expect(page.store.unread.value).toBe(3);
    page.backend.line.push({
      type: 'message.created',
      conversation: 'a',
      version: 2,
      data: { message: message(2, { conversation: 'a', author: operator }) },
    });
    expect(page.store.unread.value).toBe(4);
    expect(page.events('message:received')).toHaveLength(1);
    page.backend.line.push({
      type: 'conversation.read',
      conversation: 'a',
      version: 3,
      data: { reader: 'end_user', seq: 2 },
    });
    expect(page.store.unread.value).toBe(2);
  });

  test('the page that the visitor goes to is told once', async () => {
    backend.remember();
    const page = await open();
    await page.store.resume();
    const value = { url: 'https://shop.example/cart', title: 'Cart', referrer: '' };
    await page.hear({ type: 'page', value });
    await page.hear({ type: 'page', value });
    expect(backend.of('POST pages').map(({ body }) => body)).toEqual([
      { url: 'https://shop.example/cart', title: 'Cart' },
    ]);
  });
});

describe('a customer for whom the page vouches', () => {
  /** The page answers with these tokens, one after the other. */
  async function identified(tokens: (string | null)[], options: Parameters<typeof scene>[1] = {}) {
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

describe('what the server tells', () => {
  test('availability, to the visitor and to the page, only when it changes', async () => {
    const page = await open();
    await page.store.start('Hello', {});
    await backend.accept();
    expect(page.events('availability')).toEqual([]);
    page.backend.line.push({ type: 'availability.changed', data: { available: false } });
    page.backend.line.push({ type: 'availability.changed', data: { available: false } });
    expect(page.store.available.value).toBe(false);
    expect(page.events('availability')).toEqual([{ available: false }]);
  });

  test('an old state of a thread does not undo a newer one', async () => {
    const page = await open();
    await page.store.start('Hello', {});
    await backend.accept();
    const push = (version: number, state: 'open' | 'closed') =>
      page.backend.line.push({
        type: 'thread.updated',
        data: { thread: thread({ id: 'c1', version, state }) },
      });
    push(5, 'closed');
    push(4, 'open');
    expect(page.store.threads.value[0]?.state).toBe('closed');
  });

  test('a conversation that is gone leads back', async () => {
    const page = await open();
    await page.store.start('Hello', {});
    await settle();
    page.backend.line.accept();
    page.backend.line.answer({
      epoch: 'e1',
      heartbeat_seconds: 20,
      me: { id: 'eu', name: '' },
      syncs: [],
      available: true,
    });
    await settle();
    backend.threads = [];
    page.backend.line.refuse('not_found');
    await settle();
    expect(page.store.threads.value).toEqual([]);
    expect(page.store.view.value).toEqual({ name: 'start' });
  });

  test('the page can end the open conversation', async () => {
    const page = await open();
    await page.store.start('Hello', {});
    await page.hear({ type: 'conversation.end', value: null });
    expect(backend.of('POST conversations/c1/close')).toHaveLength(1);
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
