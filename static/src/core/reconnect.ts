import type { Random } from './clock';
import { closeCode } from './protocol';

const first = { from: 200, to: 4_000 };
const most = 30_000;

/**
 * Milliseconds to wait before try number `attempt` (0 = the first after a line was lost).
 * The first is spread over 0.2-4 s, so that a restart is not followed by a storm; later ones grow to 30 s with full jitter.
 */
export function retryDelay(attempt: number, random: Random = Math.random): number {
  const ceiling = Math.min(most, first.to * 2 ** Math.min(attempt, 10));
  return Math.round(first.from + random() * (ceiling - first.from));
}

/** What a close code asks for: another try, another try with a new ticket, or nothing more. */
export type Fate = 'retry' | 'identify' | 'stop';

export function fateOf(code: number): Fate {
  if (code === closeCode.unauthenticated) return 'identify';
  return code === closeCode.origin ? 'stop' : 'retry';
}
