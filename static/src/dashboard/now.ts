import { type ReadonlySignal, type Signal, signal } from '@preact/signals';

/** The present in steps; it stands still while nothing on the screen looks at it. */
function ticking(milliseconds: number): ReadonlySignal<number> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const now: Signal<number> = signal(Date.now(), {
    watched() {
      this.value = Date.now();
      timer = setInterval(() => {
        this.value = Date.now();
      }, milliseconds);
    },
    unwatched() {
      clearInterval(timer);
    },
  });
  return now;
}

/** For waiting times. */
export const everySecond = ticking(1_000);
/** For "2 min" and the day's name. */
export const everyHalfMinute = ticking(30_000);
