import type { Clock } from './clock';

/** The server takes one for a minute; what is older than this may not get there in time. */
const keptMilliseconds = 55_000;

/** The newest ticket that the line itself handed out: it opens the next line without a request. */
export class KeptTicket {
  readonly #clock: Clock;
  #ticket = '';
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An answer without one leaves the one before. */
  keep(ticket: string | null | undefined): void {
    if (!ticket) return;
    this.#ticket = ticket;
    this.#since = this.#clock.now();
  }

  /** Gives it away, since it opens one line only. Null when there is none, or it is too old. */
  take(): string | null {
    const ticket = this.#ticket;
    this.#ticket = '';
    const age = this.#clock.now() - this.#since;
    // A clock that was set back says nothing about the age.
    return ticket !== '' && age >= 0 && age < keptMilliseconds ? ticket : null;
  }

  forget(): void {
    this.#ticket = '';
  }
}
