import type { Outgoing } from './outbox';
import type { Id } from './protocol';

/** Where unacknowledged messages are kept. None of these may throw or reject: losing storage must not lose a send. */
export type OutboxStore = {
  /** in the order in which they were put first */
  all(): Promise<Outgoing[]>;
  put(item: Outgoing): Promise<void>;
  remove(clientId: Id): Promise<void>;
  clear(): Promise<void>;
};

export function memoryStore(): OutboxStore {
  const items = new Map<Id, Outgoing>();
  return {
    all: async () => [...items.values()],
    put: async (item) => void items.set(item.client_id, item),
    remove: async (clientId) => void items.delete(clientId),
    clear: async () => items.clear(),
  };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const table = 'outbox';

function open(factory: IDBFactory, name: string, onClosed: () => void): Promise<IDBDatabase> {
  const request = factory.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: 'client_id' });
  return settled(request).then((database) => {
    // Somebody wants to delete it: an open line would hold that up.
    database.onversionchange = () => {
      database.close();
      onClosed();
    };
    database.onclose = onClosed;
    return database;
  });
}

/**
 * Keeps them in IndexedDB, in a database of that name: one name per person, so that nobody sends another's words.
 * Where the browser refuses (a frame without storage, private windows) it goes on in memory.
 */
export function indexedDbStore(name: string, factory: () => IDBFactory = () => indexedDB): OutboxStore {
  const memory = memoryStore();
  let database: Promise<IDBDatabase> | null = null;

  async function on<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    // Reading `indexedDB` itself may throw in a frame, hence a function.
    database ??= open(factory(), name, () => {
      database = null;
    });
    const transaction = (await database).transaction(table, mode);
    const done = settled(work(transaction.objectStore(table)));
    // Not left to the end of this turn of the page: it may be the last one.
    transaction.commit();
    return done;
  }

  async function quietly<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch {
      return otherwise;
    }
  }

  const byAge = (one: Outgoing, other: Outgoing) => one.created_at.localeCompare(other.created_at);
  return {
    async all() {
      const kept = await quietly(() => on<Outgoing[]>('readonly', (store) => store.getAll()), []);
      const held = await memory.all();
      return [...new Map([...kept, ...held].map((item) => [item.client_id, item])).values()].sort(byAge);
    },
    async put(item) {
      await memory.put(item);
      await quietly(() => on('readwrite', (store) => store.put(item)), undefined);
    },
    async remove(clientId) {
      await memory.remove(clientId);
      await quietly(() => on('readwrite', (store) => store.delete(clientId)), undefined);
    },
    async clear() {
      await memory.clear();
      await quietly(() => on('readwrite', (store) => store.clear()), undefined);
    },
  };
}
