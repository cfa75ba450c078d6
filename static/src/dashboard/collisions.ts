import type { Clock } from '../core/clock';
import type { Author, Id, Message } from '../core/protocol';

const memoryMilliseconds = 120_000;

/** `until` is null while they type. */
type Seen = { name: string; until: number | null };

/**
 * Which colleagues have lately been writing in a conversation, so that two do not answer the same question.
 * Kept for two minutes after they stopped, or until their answer is there.
 */
export class Collisions {
  readonly #clock: Clock;
  readonly #me: Id;
  readonly #onChange: (conversation: Id) => void;
  readonly #seen = new Map<Id, Map<Id, Seen>>();

  constructor(clock: Clock, me: Id, onChange: (conversation: Id) => void) {
    this.#clock = clock;
    this.#me = me;
    this.#onChange = onChange;
  }

  /** Who types in the conversation at this moment; call at each change. */
  observe(conversation: Id, typists: readonly Author[]): void {
    const here = this.#seen.get(conversation) ?? new Map<Id, Seen>();
    const typing = new Map(
      typists.flatMap((author) => (this.#counts(author) ? [[author.id, author.name]] : [])),
    );
    for (const [id, name] of typing) here.set(id, { name, until: null });
    for (const [id, seen] of here) {
      if (seen.until === null && !typing.has(id)) this.#fade(conversation, id, seen);
    }
    if (here.size > 0) this.#seen.set(conversation, here);
  }

  /** They have answered: no longer a surprise. */
  answered({ conversation, author }: Message): void {
    if (author.id) this.#forget(conversation, author.id);
  }

  names(conversation: Id): string[] {
    return [...(this.#seen.get(conversation)?.values() ?? [])].map((seen) => seen.name);
  }

  #counts(author: Author): author is Author & { id: Id } {
    return author.kind === 'operator' && author.id !== null && author.id !== this.#me;
  }

  #fade(conversation: Id, id: Id, seen: Seen): void {
    seen.until = this.#clock.now() + memoryMilliseconds;
    this.#clock.after(memoryMilliseconds, () => {
      const { until } = this.#seen.get(conversation)?.get(id) ?? { until: null };
      if (until !== null && until <= this.#clock.now()) this.#forget(conversation, id);
    });
  }

  #forget(conversation: Id, id: Id): void {
    const here = this.#seen.get(conversation);
    if (!here?.delete(id)) return;
    if (here.size === 0) this.#seen.delete(conversation);
    this.#onChange(conversation);
  }
}
