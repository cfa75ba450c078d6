import type { Clock } from '../../../static/src/core/clock';

export type FakeClock = Clock & {
  /** Lets that much time pass and every timer in it fire, with the promises that they start. */
  advance(ms: number): Promise<void>;
  readonly pending: number;
};

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}

export function fakeClock(start = Date.UTC(2026, 10, 23, 14, 0)): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  const next = () =>
    [...timers]
      .sort(([a, one], [b, other]) => one.at - other.at || a - b)
      .find(([, timer]) => timer.at <= now);

  return {
    now: () => now,
    get pending() {
      return timers.size;
    },
    after(ms, run) {
      order += 1;
      const id = order;
      timers.set(id, { at: now + ms, run });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const soonest = Math.min(end, ...[...timers.values()].map((timer) => timer.at));
        now = Math.max(now, soonest);
        const due = next();
        if (!due) {
          if (now >= end) return;
          continue;
        }
        timers.delete(due[0]);
        due[1].run();
        await settle();
      }
    },
  };
}
