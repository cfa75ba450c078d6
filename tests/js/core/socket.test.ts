import { beforeEach, describe, expect, test } from 'vitest';
import { Socket } from '../../../static/src/core/socket';
import { type FakeClock, settle } from '../support/clock';
import { FakeLine, helloAnswer } from '../support/line';
import { message } from '../support/shapes';
import { Wired } from '../support/wired';

let wired: Wired;
let clock: FakeClock;
let lines: Wired['lines'];
let states: Wired['states'];
let events: Wired['events'];
let heads: Wired['heads'];
let socket: Socket;

const line = () => wired.line;
const connect = () => wired.connect();
const phases = () => states.map((state) => state.phase);

beforeEach(() => {
  wired = new Wired();
  ({ clock, lines, states, events, heads, socket } = wired);
});

describe('coming up', () => {
  test('a ticket, a line, a hello with what to resume', async () => {
    socket.start();
    await settle();
    line().accept();
    expect(line().last).toEqual({
      id: 1,
      type: 'hello',
      data: { ticket: 'ticket 1', epoch: 'e1', cursors: { c: { version: 3, note_version: 1 } } },
    });
    expect(socket.isOnline).toBe(false);

    line().answer(helloAnswer());
    await settle();
    expect(phases()).toEqual(['connecting', 'catching_up', 'online']);
  });

  test('the hello is handed on before anybody is told that the line is up', async () => {
    const order: string[] = [];
    const opened = new FakeLine();
    const other = new Socket({
      url: 'wss://x',
      ticket: async () => 't',
      resume: () => ({ epoch: null, cursors: {} }),
      onHello: () => order.push('hello'),
      onEvent: () => {},
      onHeads: () => {},
      onState: ({ phase }) => order.push(phase),
      connect: () => opened,
      clock,
    });
    other.start();
    await settle();
    opened.accept();
    opened.answer(helloAnswer());
    await settle();
    expect(order).toEqual(['connecting', 'catching_up', 'hello', 'online']);
  });

  test('events before the answer to the hello are not lost', async () => {
    socket.start();
    await settle();
    line().accept();
    line().push({ type: 'message.created', conversation: 'c', version: 4, data: { message: message(4) } });
    expect(events).toEqual(['message.created']);
  });

  test('a second start changes nothing', async () => {
    await connect();
    socket.start();
    await settle();
    expect(lines).toHaveLength(1);
  });

  test('a line that never opens is given up after 10 s and tried again', async () => {
    socket.start();
    await clock.advance(10_000);
    expect(states.at(-1)?.phase).toBe('offline');
    await clock.advance(4_000);
    expect(lines).toHaveLength(2);
  });

  test('a hello that nobody answers is given up after 10 s', async () => {
    socket.start();
    await settle();
    line().accept();
    await clock.advance(10_000);
    expect(states.at(-1)?.phase).toBe('offline');
  });

  test('an address that the browser refuses is tried again, not thrown', async () => {
    let tries = 0;
    const other = new Socket({
      url: 'wss://x',
      ticket: async () => 't',
      resume: () => ({ epoch: null, cursors: {} }),
      onHello: () => {},
      onEvent: () => {},
      onHeads: () => {},
      onState: () => {},
      connect: () => {
        tries += 1;
        throw new DOMException('mixed content', 'SecurityError');
      },
      clock,
    });
    other.start();
    await clock.advance(4_000);
    expect(tries).toBeGreaterThan(1);
    other.stop();
  });
});

describe('commands', () => {
  test('an answer finds its question', async () => {
    await connect();
    const one = socket.request('typing.start', { conversation: 'c' });
    const first = line().last;
    const two = socket.request('conversation.read', { conversation: 'c', seq: 4 });
    line().answer({ version: 9 });
    line().answer({}, first);
    expect(await two).toEqual({ version: 9 });
    expect(await one).toEqual({});
  });

  test('a refusal comes with its code, fields and wait', async () => {
    await connect();
    const asked = socket.request('conversation.read', { conversation: 'c', seq: 4 });
    line().refuse('rate_limited', { retry_after: 3, fields: { seq: ['Slowly.'] } });
    await expect(asked).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfter: 3,
      fields: { seq: ['Slowly.'] },
    });
  });

  test('without a line nothing is sent', async () => {
    await expect(socket.request('typing.start', { conversation: 'c' })).rejects.toMatchObject({
      code: 'offline',
    });
  });

  test('silence is a timeout, and a late answer goes nowhere', async () => {
    await connect();
    const asked = socket.request('typing.start', { conversation: 'c' });
    const frame = line().last;
    const outcome = expect(asked).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(10_000);
    await outcome;
    line().answer({}, frame);
    expect(socket.isOnline).toBe(true);
  });

  test('a lost line rejects what is under way', async () => {
    await connect();
    const asked = socket.request('typing.start', { conversation: 'c' });
    line().end(1006);
    await expect(asked).rejects.toMatchObject({ code: 'offline' });
  });

  test('an answer of another shape is refused here', async () => {
    await connect();
    const asked = socket.request('conversation.read', { conversation: 'c', seq: 4 });
    line().answer({ version: 'nine' });
    await expect(asked).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('heartbeat', () => {
  test('every 20 s, and the heads are handed on', async () => {
    await connect();
    await clock.advance(20_000);
    expect(line().last.type).toBe('heartbeat');
    line().answer({ heads: { c: { version: 7, note_version: 2 } } });
    await clock.advance(20_000);
    expect(heads).toEqual([{ c: { version: 7, note_version: 2 } }]);
    expect(line().sent.filter((frame) => frame.type === 'heartbeat')).toHaveLength(2);
  });

  test('a half-open line is noticed within 45 s', async () => {
    await connect();
    await clock.advance(45_000);
    expect(states.some((state) => state.phase === 'offline')).toBe(true);
  });

  test('a refused beat is no dead line', async () => {
    await connect();
    await clock.advance(20_000);
    line().refuse('internal');
    await clock.advance(20_000);
    expect(line().sent.filter((frame) => frame.type === 'heartbeat')).toHaveLength(2);
    expect(socket.isOnline).toBe(true);
  });

  test('waking up asks at once, and only once at a time', async () => {
    await connect();
    socket.wake();
    socket.wake();
    expect(line().sent.filter((frame) => frame.type === 'heartbeat')).toHaveLength(1);
    line().answer({ heads: {} });
    await clock.advance(20_000);
    expect(line().sent.filter((frame) => frame.type === 'heartbeat')).toHaveLength(2);
  });
});

describe('losing the line', () => {
  test('it comes back by itself with a new ticket', async () => {
    await connect();
    line().end(1012);
    const lostAt = clock.now();
    expect(socket.state).toEqual({ phase: 'offline', since: lostAt, retryAt: lostAt + 2100 });
    await clock.advance(2100);
    line().accept();
    expect(line().last.data).toMatchObject({ ticket: 'ticket 2' });
    expect(states.at(-1)).toEqual({ phase: 'catching_up', since: lostAt });
    line().answer(helloAnswer());
    await settle();
    expect(socket.isOnline).toBe(true);
  });

  test('offline since the loss, however often it is tried in vain', async () => {
    await connect();
    line().end(1006);
    const lostAt = clock.now();
    await clock.advance(4_000);
    line().end(1006);
    expect(socket.state).toMatchObject({ phase: 'offline', since: lostAt });
  });

  test('waking up ends the wait', async () => {
    await connect();
    line().end(1006);
    socket.wake();
    await settle();
    expect(lines).toHaveLength(2);
    await clock.advance(4_000);
    expect(lines).toHaveLength(2);
  });

  test('4403 is final', async () => {
    await connect();
    line().end(4403);
    await clock.advance(120_000);
    expect(socket.state).toEqual({ phase: 'stopped', reason: 'refused' });
    expect(lines).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('after a final close a start begins anew', async () => {
    await connect();
    line().end(4403);
    await connect();
    expect(socket.isOnline).toBe(true);
  });

  test.each([1012, 4008, 4408, 1006])('%i comes back soon, and resumes', async (code) => {
    await connect();
    line().end(code);
    await clock.advance(4_000);
    line().accept();
    expect(lines).toHaveLength(2);
    expect(line().last.data).toMatchObject({ epoch: 'e1', cursors: { c: { version: 3, note_version: 1 } } });
  });

  test('too many sockets: not again within half a minute', async () => {
    await connect();
    line().end(4429);
    await clock.advance(29_000);
    expect(lines).toHaveLength(1);
    await clock.advance(1_000);
    expect(lines).toHaveLength(2);
  });

  test.each([
    ['rate_limited', 4429],
    ['unavailable', 1012],
  ])('a hello that is refused as %s waits as long as the refusal says', async (code, close) => {
    socket.start();
    await settle();
    line().accept();
    line().refuse(code, { retry_after: 17 });
    await settle();
    line().end(close);
    expect(socket.state).toMatchObject({ phase: 'offline', retryAt: clock.now() + 17_000 });
    await clock.advance(16_999);
    expect(lines).toHaveLength(1);
    await clock.advance(1);
    expect(lines).toHaveLength(2);
  });

  test('a stop closes the line and leaves no timer behind', async () => {
    await connect();
    socket.stop();
    expect(line().closedWith).toBe(1000);
    expect(clock.pending).toBe(0);
  });

  test('what an old line still says is not heard', async () => {
    await connect();
    const old = line();
    old.end(1006);
    old.push({ type: 'availability.changed', data: { available: true } });
    expect(events).toEqual([]);
  });
});
