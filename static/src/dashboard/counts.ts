import { type Signal, signal } from '@preact/signals';
import type { Api } from '../core/api';
import type { Clock } from '../core/clock';
import type { Conversation } from '../core/protocol';
import { type Counts, isCounts } from './answers';

const pauseMilliseconds = 2_000;

/** The numbers beside the sections, as the server counts them: this page knows only a part of the conversations. */
export class SectionCounts {
  readonly counts: Signal<Counts | null> = signal(null);
  readonly #api: Pick<Api, 'get'>;
  readonly #clock: Clock;
  #isResting = false;
  #isWanted = false;

  constructor(api: Pick<Api, 'get'>, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Asks at once, and then at most once in two seconds, however many changes come in. */
  refresh(): void {
    this.#isWanted = true;
    if (this.#isResting) return;
    this.#isWanted = false;
    this.#isResting = true;
    void this.#fetch();
    this.#clock.after(pauseMilliseconds, () => {
      this.#isResting = false;
      if (this.#isWanted) this.refresh();
    });
  }

  async #fetch(): Promise<void> {
    try {
      this.counts.value = await this.#api.get<Counts>('conversations/counts', {}, isCounts);
    } catch {
      // The old numbers stay; the next change asks again.
    }
  }
}

/** True when this change moves one of the numbers, or may do so: `before` is unknown. */
export function changesCounts(before: Conversation | undefined, after: Conversation): boolean {
  return (
    !before ||
    before.state !== after.state ||
    before.assignee?.id !== after.assignee?.id ||
    before.unread !== after.unread
  );
}
