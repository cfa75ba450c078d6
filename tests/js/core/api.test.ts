import { describe, expect, test } from 'vitest';
import { Api } from '../../../static/src/core/api';
import { isAttachment } from '../../../static/src/core/guards';

type Call = { address: string; init: RequestInit };

function api(answer: () => Response | Promise<Response>, calls: Call[] = []): Api {
  return new Api({
    base: '/api/v1/',
    headers: () => ({ 'X-CSRFToken': 'token' }),
    fetch: (async (address: string, init: RequestInit) => {
      calls.push({ address, init });
      return answer();
    }) as typeof fetch,
  });
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

describe('a request', () => {
  test('carries who asks and what', async () => {
    const calls: Call[] = [];
    await api(() => json({}, 201), calls).post('conversations/c/read', { seq: 3 });
    expect(calls[0]?.address).toBe('/api/v1/conversations/c/read');
    expect(calls[0]?.init).toMatchObject({
      method: 'POST',
      body: '{"seq":3}',
      credentials: 'same-origin',
      headers: { 'X-CSRFToken': 'token', 'Content-Type': 'application/json', Accept: 'application/json' },
    });
  });

  test('asks in the address, and leaves out what is not given', async () => {
    const calls: Call[] = [];
    await api(() => json([]), calls).get('conversations', {
      section: 'you',
      cursor: null,
      q: 'a&b',
      limit: 3,
    });
    expect(calls[0]?.address).toBe('/api/v1/conversations?section=you&q=a%26b&limit=3');
    expect(calls[0]?.init.body).toBeUndefined();
  });

  test('nothing is an answer, too', async () => {
    expect(await api(() => new Response(null, { status: 204 })).delete('session')).toBeNull();
  });
});

describe('a refusal', () => {
  test('says what the server said', async () => {
    const error = { code: 'invalid', message: 'No.', fields: { body: ['Too long.'] } };
    await expect(api(() => json({ error }, 400)).get('x')).rejects.toMatchObject({
      code: 'invalid',
      message: 'No.',
      fields: { body: ['Too long.'] },
    });
  });

  test.each([
    [403, 'forbidden'],
    [413, 'too_large'],
    [429, 'rate_limited'],
    [500, 'internal'],
    [502, 'unavailable'],
    [418, 'internal'],
  ])('of a proxy with status %i is %s', async (status, code) => {
    await expect(api(() => new Response('<html>', { status })).get('x')).rejects.toMatchObject({ code });
  });

  test('in other words than ours is what the status says', async () => {
    await expect(api(() => json({ error: 'no such page' }, 404)).get('x')).rejects.toMatchObject({
      code: 'not_found',
      retryAfter: null,
    });
  });

  test('offline when nothing answers, timeout when it takes too long', async () => {
    const lost = api(() => Promise.reject(new TypeError('network')));
    await expect(lost.get('x')).rejects.toMatchObject({ code: 'offline' });
    const late = api(() => Promise.reject(new DOMException('late', 'TimeoutError')));
    await expect(late.get('x')).rejects.toMatchObject({ code: 'timeout' });
  });

  test('internal when the answer is not what was promised', async () => {
    await expect(api(() => new Response('<html>')).get('x')).rejects.toMatchObject({ code: 'internal' });
    await expect(api(() => json({ id: 1 })).get('x', {}, isAttachment)).rejects.toMatchObject({
      code: 'internal',
    });
  });
});

describe('an upload', () => {
  class FakeXhr {
    readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null } = {
      onprogress: null,
    };
    readonly headers: Record<string, string> = {};
    onload: (() => void) | null = null;
    onerror: (() => void) | null = null;
    onabort: (() => void) | null = null;
    status = 0;
    responseText = '';
    opened = '';
    sent: unknown = null;
    open(method: string, address: string): void {
      this.opened = `${method} ${address}`;
    }
    setRequestHeader(name: string, value: string): void {
      this.headers[name] = value;
    }
    send(body: unknown): void {
      this.sent = body;
    }
    abort(): void {
      this.onabort?.();
    }
    answer(status: number, body: unknown): void {
      this.status = status;
      this.responseText = JSON.stringify(body);
      this.onload?.();
    }
  }

  function uploading() {
    const xhr = new FakeXhr();
    const client = new Api({
      base: '/api/v1/',
      headers: () => ({ Authorization: 'Visitor t' }),
      newXhr: () => xhr as unknown as XMLHttpRequest,
    });
    return { xhr, client, form: new FormData() };
  }

  test('tells how far it is and answers what was stored', async () => {
    const { xhr, client, form } = uploading();
    const shares: number[] = [];
    const upload = client.upload('attachments', form, { onProgress: (share) => shares.push(share) });
    expect(xhr.opened).toBe('POST /api/v1/attachments');
    expect(xhr.headers).toEqual({ Authorization: 'Visitor t' });
    expect(xhr.sent).toBe(form);
    xhr.upload.onprogress?.({ loaded: 5, total: 10 });
    xhr.upload.onprogress?.({ loaded: 0, total: 0 });
    xhr.answer(201, { id: 'f' });
    expect(await upload).toEqual({ id: 'f' });
    expect(shares).toEqual([0.5, 0]);
  });

  test('is refused in the server’s words', async () => {
    const { xhr, client, form } = uploading();
    const upload = client.upload('attachments', form);
    xhr.answer(413, { error: { code: 'too_large', message: 'Larger than 10 MB.' } });
    await expect(upload).rejects.toMatchObject({ code: 'too_large', message: 'Larger than 10 MB.' });
  });

  test('can be stopped, also before it began', async () => {
    const { xhr, client, form } = uploading();
    const stop = new AbortController();
    const upload = client.upload('attachments', form, { signal: stop.signal });
    stop.abort();
    await expect(upload).rejects.toMatchObject({ code: 'offline' });

    const late = client.upload('attachments', form, { signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject({ code: 'offline' });
    expect(xhr.sent).toBe(form);
  });
});
