import { type Signal, signal } from '@preact/signals';
import type { Api } from '../core/api';
import { isEndUser } from '../core/guards_end_user';
import type { EndUser, Id } from '../core/protocol';

/** The fields an operator may correct. */
export type ContactFields = Partial<Record<'first_name' | 'last_name' | 'email' | 'phone', string>>;

const most = 50;

/** What the details pane shows of end-users; fetched when looked at. */
export class People {
  readonly known: Signal<ReadonlyMap<Id, EndUser>> = signal(new Map());
  readonly failed: Signal<ReadonlySet<Id>> = signal(new Set());
  readonly #api: Pick<Api, 'get' | 'patch'>;
  readonly #running = new Map<Id, Promise<void>>();

  constructor(api: Pick<Api, 'get' | 'patch'>) {
    this.#api = api;
  }

  /** Fetches the person anew; what is shown stays until the answer is here. */
  refresh(id: Id): Promise<void> {
    const running = this.#running.get(id);
    if (running) return running;
    const fetching = this.#fetch(id).finally(() => this.#running.delete(id));
    this.#running.set(id, fetching);
    return fetching;
  }

  /** Rejects with a Refusal; its `fields` name what is wrong. */
  async change(id: Id, fields: ContactFields): Promise<void> {
    this.#keep(await this.#api.patch<EndUser>(`end-users/${id}`, fields, isEndUser));
  }

  async #fetch(id: Id): Promise<void> {
    try {
      this.#keep(await this.#api.get<EndUser>(`end-users/${id}`, {}, isEndUser));
      this.failed.value = new Set([...this.failed.value].filter((each) => each !== id));
    } catch {
      this.failed.value = new Set([...this.failed.value, id]);
    }
  }

  #keep(person: EndUser): void {
    const others = [...this.known.value].filter(([id]) => id !== person.id).slice(1 - most);
    this.known.value = new Map([...others, [person.id, person]]);
  }
}
