import { type FailureCode, Refusal } from './errors';
import { type Check, isWireError } from './guards';
import type { ErrorCode, WireError } from './protocol';

export type Query = Readonly<Record<string, string | number | null | undefined>>;

export type ApiOptions = {
  /** with a slash at its end: `/api/v1/` */
  base: string;
  /** What says who asks, read anew for each request: `X-CSRFToken`, or `Authorization: Visitor …`. */
  headers(): Record<string, string>;
  fetch?: typeof fetch;
  newXhr?: () => XMLHttpRequest;
};

export type UploadOptions = {
  /** 0 to 1 */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
};

const requestMilliseconds = 20_000;

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  413: 'too_large',
  415: 'unsupported_type',
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The server's own words where it said any; else what the status means (a proxy answers in HTML). */
function refusalOf(status: number, text: string): Refusal {
  const body = parse(text);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (isWireError(error)) return Refusal.of(error as WireError);
  return new Refusal(codeOfStatus[status] ?? 'internal');
}

function read<T>(status: number, text: string, check: Check | undefined): T {
  if (status < 200 || status > 299) throw refusalOf(status, text);
  const body = text === '' ? null : parse(text);
  if (body === undefined || (check && !check(body))) throw new Refusal('internal', 'unreadable answer');
  return body as T;
}

/** JSON over HTTPS. Every failure is a Refusal; `offline` when nothing answered. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  get<T>(path: string, query: Query = {}, check?: Check): Promise<T> {
    return this.#request<T>('GET', this.#address(path, query), undefined, check);
  }

  post<T>(path: string, data: unknown = {}, check?: Check): Promise<T> {
    return this.#request<T>('POST', this.#address(path), data, check);
  }

  put<T>(path: string, data: unknown, check?: Check): Promise<T> {
    return this.#request<T>('PUT', this.#address(path), data, check);
  }

  patch<T>(path: string, data: unknown, check?: Check): Promise<T> {
    return this.#request<T>('PATCH', this.#address(path), data, check);
  }

  delete<T>(path: string): Promise<T> {
    return this.#request<T>('DELETE', this.#address(path), undefined, undefined);
  }

  /** Sends a form with files by XMLHttpRequest: fetch tells no progress. An abort rejects with `offline`. */
  upload<T>(path: string, form: FormData, options: UploadOptions = {}, check?: Check): Promise<T> {
    const xhr = (this.#options.newXhr ?? (() => new XMLHttpRequest()))();
    return new Promise((resolve, reject) => {
      const fail = (code: FailureCode) => () => reject(new Refusal(code));
      xhr.open('POST', this.#address(path));
      for (const [name, value] of Object.entries(this.#options.headers())) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = ({ loaded, total }) => options.onProgress?.(total > 0 ? loaded / total : 0);
      xhr.onload = () => {
        try {
          resolve(read<T>(xhr.status, xhr.responseText, check));
        } catch (error) {
          reject(error);
        }
      };
      xhr.onerror = fail('offline');
      xhr.onabort = fail('offline');
      options.signal?.addEventListener('abort', () => xhr.abort(), { once: true });
      if (options.signal?.aborted) reject(new Refusal('offline'));
      else xhr.send(form);
    });
  }

  #address(path: string, query: Query = {}): string {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.#options.base + path + (search && `?${search}`);
  }

  async #request<T>(method: string, address: string, data: unknown, check: Check | undefined): Promise<T> {
    const response = await this.#fetch(address, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(data !== undefined && { 'Content-Type': 'application/json' }),
        ...this.#options.headers(),
      },
      ...(data !== undefined && { body: JSON.stringify(data) }),
      signal: AbortSignal.timeout(requestMilliseconds),
    });
    return read<T>(response.status, response.text, check);
  }

  async #fetch(address: string, init: RequestInit): Promise<{ status: number; text: string }> {
    try {
      const response = await (this.#options.fetch ?? fetch)(address, init);
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      throw new Refusal(isLate ? 'timeout' : 'offline');
    }
  }
}
