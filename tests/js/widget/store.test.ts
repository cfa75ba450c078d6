import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import { message, operator, thread } from '../support/shapes';
import { type Backend, Browser, type Scene, settle } from './backend';

let browser: Browser;
let backend: Backend;
let open: Browser['open'];

beforeEach(() => {
  browser = new Browser();
  ({ backend, open } = browser);
});
afterEach(() => browser.end());

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
