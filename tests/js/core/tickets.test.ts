import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import { settle } from '../support/clock';
import { Wired } from '../support/wired';

let wired: Wired;

beforeEach(() => {
  wired = new Wired();
});

const refuse = (code: ConstructorParameters<typeof Refusal>[0], retryAfter?: number) => {
  wired.ticket = () => Promise.reject(new Refusal(code, '', { retry_after: retryAfter ?? null }));
};
const offered = () => wired.line.sent[0]?.data;

describe('a ticket that is asked for', () => {
  test.each([
    ['unauthenticated', 'unauthenticated'],
    ['forbidden', 'refused'],
    ['not_live', 'refused'],
  ] as const)('and refused as %s stops for good', async (code, reason) => {
    refuse(code);
    wired.socket.start();
    await wired.clock.advance(120_000);
    expect(wired.socket.state).toEqual({ phase: 'stopped', reason });
    expect(wired.lines).toHaveLength(0);
    expect(wired.clock.pending).toBe(0);
  });

  test('of a server without time waits as long as it says', async () => {
    refuse('unavailable', 25);
    wired.socket.start();
    await settle();
    const now = wired.clock.now();
    expect(wired.socket.state).toEqual({ phase: 'offline', since: now, retryAt: now + 25_000 });
  });

  test('of an unreachable server is asked for again, ever more rarely', async () => {
    wired.ticket = () => Promise.reject(new TypeError('network'));
    wired.socket.start();
    await wired.clock.advance(10 * 60_000);
    expect(wired.fetched).toBeGreaterThan(35);
    expect(wired.fetched).toBeLessThan(50);
  });

  test('and comes after a stop opens nothing', async () => {
    let give: (ticket: string) => void = () => {};
    wired.ticket = () => new Promise((resolve) => (give = resolve));
    wired.socket.start();
    wired.socket.stop();
    give('late');
    await settle();
    expect(wired.lines).toHaveLength(0);
    expect(wired.socket.state).toEqual({ phase: 'stopped', reason: 'closed' });
  });
});

describe('a ticket that the line handed out', () => {
  beforeEach(() => wired.connect({ ticket: 'handed out' }));

  test('opens the next line without a request', async () => {
    await wired.comeBack(1006);
    expect(offered()).toMatchObject({ ticket: 'handed out' });
    expect(wired.fetched).toBe(1);
  });

  test('is replaced by each heartbeat, and kept by one that brings none', async () => {
    for (const answer of [{ heads: {}, ticket: 'newer' }, { heads: {} }]) {
      await wired.clock.advance(20_000);
      wired.line.answer(answer);
    }
    await wired.comeBack(1006);
    expect(offered()).toMatchObject({ ticket: 'newer' });
  });

  test('opens one line only: the next try asks for another', async () => {
    await wired.comeBack(1006);
    wired.line.end(1006);
    await wired.clock.advance(8_000);
    wired.line.accept();
    expect(offered()).toMatchObject({ ticket: 'ticket 2' });
  });

  test.each([
    [50_000, 'handed out'],
    [53_000, 'ticket 2'],
  ])('after %i ms and the wait for the next try it is %s', async (age, expected) => {
    for (const pause of [20_000, 20_000, age - 40_000]) {
      await wired.clock.advance(pause);
      if (wired.line.last.type === 'heartbeat') wired.line.answer({ heads: {} });
    }
    await wired.comeBack(1006);
    expect(offered()).toMatchObject({ ticket: expected });
  });

  test('that is refused costs one request and no wait', async () => {
    await wired.comeBack(1012);
    wired.line.refuse('unauthenticated');
    await settle();
    expect(wired.lines).toHaveLength(3);
    await wired.welcome();
    expect(offered()).toMatchObject({ ticket: 'ticket 2' });
    expect(wired.socket.isOnline).toBe(true);
  });

  test('is worth nothing after 4401', async () => {
    await wired.comeBack(4401);
    expect(offered()).toMatchObject({ ticket: 'ticket 2' });
  });

  test('is forgotten with the line that was closed on purpose', async () => {
    wired.socket.stop();
    await wired.connect();
    expect(offered()).toMatchObject({ ticket: 'ticket 2' });
  });
});

describe('who is not known any more', () => {
  test('is asked for a new ticket after 4401, and stopped when that is refused', async () => {
    await wired.connect();
    refuse('unauthenticated');
    wired.line.end(4401);
    await wired.clock.advance(120_000);
    expect(wired.socket.state).toEqual({ phase: 'stopped', reason: 'unauthenticated' });
    expect(wired.lines).toHaveLength(1);
    expect(wired.clock.pending).toBe(0);
  });

  test('and is known after all comes back', async () => {
    await wired.connect();
    await wired.comeBack(4401);
    await wired.welcome();
    expect(wired.socket.isOnline).toBe(true);
  });

  test('with a ticket just fetched is stopped', async () => {
    wired.socket.start();
    await settle();
    wired.line.accept();
    wired.line.refuse('unauthenticated');
    await wired.clock.advance(120_000);
    expect(wired.socket.state).toEqual({ phase: 'stopped', reason: 'unauthenticated' });
    expect(wired.lines).toHaveLength(1);
  });

  test('says nothing about a line that was closed before the hello got through', async () => {
    wired.socket.start();
    await settle();
    wired.line.accept();
    await wired.comeBack(4401);
    await wired.welcome();
    expect(wired.socket.isOnline).toBe(true);
  });
});
