import type { Clock, Random } from './clock';
import { Refusal } from './errors';
import type { Id } from './protocol';
import { retryDelay } from './reconnect';

/** What is asked again after a failure that may pass: ever more rarely, and not before the server said. */
export class Repeats {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #due = new Map<Id, () => void>();
  readonly #attempts = new Map<Id, number>();

  constructor(clock: Clock, random: Random = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A repeat is due later: until then `run` was not called. */
  has(id: Id): boolean {
    return this.#due.has(id);
  }

  /** One repeat for each id: the newest. */
  later(id: Id, error: unknown, run: () => void): void {
    this.#due.get(id)?.();
    const attempt = this.#attempts.get(id) ?? 0;
    this.#attempts.set(id, attempt + 1);
    const named = error instanceof Refusal ? (error.retryAfter ?? 0) * 1000 : 0;
    const wait = Math.max(named, retryDelay(attempt, this.#random));
    const cancel = this.#clock.after(wait, () => {
      this.#due.delete(id);
      run();
    });
    this.#due.set(id, cancel);
  }

  /** Somebody asks now: nothing is due any more. The wait after the next failure goes on growing. */
  cancel(id: Id): void {
    this.#due.get(id)?.();
    this.#due.delete(id);
  }

  /** It succeeded: the next failure is a first one. */
  done(id: Id): void {
    this.cancel(id);
    this.#attempts.delete(id);
  }

  clear(): void {
    for (const cancel of this.#due.values()) cancel();
    this.#due.clear();
    this.#attempts.clear();
  }
}
