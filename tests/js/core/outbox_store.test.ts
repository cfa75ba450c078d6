import { IDBFactory, IDBTransaction } from 'fake-indexeddb';
import { describe, expect, test, vi } from 'vitest';
import type { Outgoing } from '../../../static/src/core/outbox';
import { indexedDbStore, memoryStore, type OutboxStore } from '../../../static/src/core/outbox_store';

function item(clientId: string, second = 0): Outgoing {
  return {
    client_id: clientId,
    conversation: 'c',
    lane: 'message',
    body: clientId,
    attachments: [],
    created_at: `2026-11-23T14:00:${String(second).padStart(2, '0')}.000Z`,
    state: 'waiting',
    failure: null,
  };
}

const forbidden = (): IDBFactory => {
  throw new DOMException('no storage in this frame', 'SecurityError');
};
const broken = (): IDBFactory =>
  ({
    open() {
      const request = { error: new DOMException('', 'UnknownError') } as unknown as IDBOpenDBRequest;
      queueMicrotask(() => request.onerror?.call(request, new Event('error')));
      return request;
    },
  }) as unknown as IDBFactory;

const kinds: readonly [string, () => OutboxStore][] = [
  ['memory', memoryStore],
  ['IndexedDB', () => indexedDbStore('outbox', () => factory)],
  ['IndexedDB that the browser forbids', () => indexedDbStore('outbox', forbidden)],
  ['IndexedDB that fails to open', () => indexedDbStore('outbox', broken)],
];
let factory = new IDBFactory();

describe.each(kinds)('%s', (_name, make) => {
  test('keeps, in order, replaces, removes and forgets', async () => {
    factory = new IDBFactory();
    const store = make();
    await store.put(item('z', 1));
    await store.put(item('b', 2));
    await store.put({ ...item('z', 1), state: 'failed' });
    expect((await store.all()).map(({ client_id, state }) => [client_id, state])).toEqual([
      ['z', 'failed'],
      ['b', 'waiting'],
    ]);
    await store.remove('z');
    expect((await store.all()).map((one) => one.client_id)).toEqual(['b']);
    await store.clear();
    expect(await store.all()).toEqual([]);
  });
});

test('IndexedDB outlives the page', async () => {
  factory = new IDBFactory();
  await indexedDbStore('one person', () => factory).put(item('a'));
  expect(await indexedDbStore('one person', () => factory).all()).toEqual([item('a')]);
  expect(await indexedDbStore('another person', () => factory).all()).toEqual([]);
});

test('IndexedDB is opened again after the browser closed it', async () => {
  factory = new IDBFactory();
  const store = indexedDbStore('one person', () => factory);
  await store.put(item('a', 1));
  await new Promise((done) => {
    factory.deleteDatabase('one person').onsuccess = done;
  });
  await store.put(item('b', 2));
  expect((await indexedDbStore('one person', () => factory).all()).map((one) => one.client_id)).toEqual([
    'b',
  ]);
});

test('what is put is on its way to the disk before the page may end', async () => {
  factory = new IDBFactory();
  const store = indexedDbStore('one person', () => factory);
  await store.all();
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  await store.put(item('a'));
  expect(commit).toHaveBeenCalledOnce();
  commit.mockRestore();
});
