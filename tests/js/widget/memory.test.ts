import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import { indexedDbStore } from '../../../static/src/core/outbox_store';
import { memoryOf } from '../../../static/src/widget/frame/memory';

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  vi.stubGlobal('indexedDB', new IDBFactory());
});

test('keeps a language, and forgets everything of this widget and nothing of another', async () => {
  const memory = memoryOf('pk_one');
  memory.setLocale('ka');
  memoryOf('pk_two').setLocale('de');
  sessionStorage.setItem(`${memory.draftPrefix}c1`, 'Hello');
  sessionStorage.setItem('their own', 'x');
  await indexedDbStore(memory.outboxName('eu')).all();
  await indexedDbStore(memoryOf('pk_two').outboxName('eu')).all();
  expect(memory.locale()).toBe('ka');
  memory.clear();
  expect(memory.locale()).toBe('');
  expect(memoryOf('pk_two').locale()).toBe('de');
  expect(Object.keys(sessionStorage)).toEqual(['their own']);
  await vi.waitFor(async () =>
    expect((await indexedDB.databases()).map(({ name }) => name)).toEqual([
      memoryOf('pk_two').outboxName('eu'),
    ]),
  );
});

test('where the browser refuses everything nothing breaks', async () => {
  const refuse = () => {
    throw new DOMException('no', 'SecurityError');
  };
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
    vi.stubGlobal(name, undefined);
    Object.defineProperty(globalThis, name, { get: refuse, configurable: true });
  }
  const memory = memoryOf('pk_one');
  memory.setLocale('ka');
  expect(memory.locale()).toBe('');
  memory.clear();
});
