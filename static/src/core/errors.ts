import type { ErrorCode, WireError } from './protocol';

/** What the server refused, or what the line did: `offline` nothing was sent or answered, `timeout` no answer came. */
export type FailureCode = ErrorCode | 'offline' | 'timeout';

/** The one error of commands and of REST calls. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: FailureCode;
  /** what the server said, in the reader's language; empty when it said nothing, or there was no server */
  readonly sentence: string;
  /** seconds, null when the server names none */
  readonly retryAfter: number | null;
  /** sentences by field name */
  readonly fields: Record<string, string[]>;

  constructor(code: FailureCode, message = '', details?: Omit<WireError, 'code' | 'message'>) {
    super(message || code);
    this.code = code;
    this.sentence = details ? message : '';
    this.retryAfter = details?.retry_after ?? null;
    this.fields = details?.fields ?? {};
  }

  static of(error: WireError): Refusal {
    return new Refusal(error.code, error.message, error);
  }
}

const passing: ReadonlySet<FailureCode> = new Set([
  'offline',
  'timeout',
  'unavailable',
  'internal',
  'rate_limited',
]);

/** True when the same request may succeed later without anybody changing it. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof Refusal) || passing.has(error.code);
}
