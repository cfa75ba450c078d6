import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Id, Thread } from '../../core/protocol';

/** The person's conversations, each in its newest state. */
export class Threads {
  /** newest first */
  readonly list: ReadonlySignal<readonly Thread[]>;
  readonly #known = signal<ReadonlyMap<Id, Thread>>(new Map());

  constructor() {
    this.list = computed(() =>
      [...this.#known.value.values()].sort((one, other) => other.created_at.localeCompare(one.created_at)),
    );
  }

  get(id: Id): Thread | null {
    return this.#known.value.get(id) ?? null;
  }

  /** False when a newer state is known already. */
  put(thread: Thread): boolean {
    const known = this.#known.value.get(thread.id);
    if (known && known.version > thread.version) return false;
    this.#known.value = new Map(this.#known.value).set(thread.id, thread);
    return true;
  }

  /** These and no others; what is known newer stays. */
  replace(threads: readonly Thread[]): void {
    const newest = (thread: Thread): Thread => {
      const known = this.#known.value.get(thread.id);
      return known && known.version > thread.version ? known : thread;
    };
    this.#known.value = new Map(threads.map((thread) => [thread.id, newest(thread)]));
  }

  remove(id: Id): void {
    this.replace([...this.#known.value.values()].filter((thread) => thread.id !== id));
  }
}
