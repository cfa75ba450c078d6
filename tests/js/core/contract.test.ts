import { describe, expect, test } from 'vitest';
import {
  answerChecks,
  isAttachment,
  isConversation,
  isMember,
  isMessage,
  isNote,
  isSync,
  isThread,
  isWireError,
  readFrames,
} from '../../../static/src/core/guards';
import { isEndUser } from '../../../static/src/core/guards_end_user';
import type { CommandType, ErrorCode, EventType } from '../../../static/src/core/protocol';
import commands from '../../contract/commands.json';
import errors from '../../contract/errors.json';
import events from '../../contract/events.json';
import rest from '../../contract/rest.json';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function* damagedList(list: Json[]): Generator<Json> {
  yield { not: 'a list' };
  for (const [at, item] of list.entries()) for (const bad of damaged(item)) yield list.with(at, bad);
}

function* damagedFields(fields: { [key: string]: Json }): Generator<Json> {
  for (const [key, item] of Object.entries(fields)) {
    const { [key]: _gone, ...without } = fields;
    yield without;
    for (const bad of damaged(item)) yield { ...fields, [key]: bad };
  }
}

/** Every way to leave out one field or to give it a wrong type, at any depth. */
function* damaged(value: Json): Generator<Json> {
  if (Array.isArray(value)) yield* damagedList(value);
  else if (typeof value === 'object' && value !== null) yield* damagedFields(value);
  else if (value !== null) yield { not: typeof value };
}

test('frames that came joined are read in their order, and what means nothing among them is passed over', () => {
  const first = { re: null, ok: false, error: { code: 'invalid', message: 'No.' } };
  const second = {
    type: 'typing.stopped',
    data: { conversation: 'c', author: { kind: 'operator', id: 'm', name: 'Nino' } },
  };

  expect(readFrames(JSON.stringify([first, 7, null, [second], second]))).toEqual([first, second]);
  expect(readFrames('[]')).toEqual([]);
});

describe('commands', () => {
  test('each has a sample', () => {
    const names = new Set(commands.map(({ command }) => command.type));
    expect([...names].sort()).toEqual(Object.keys(answerChecks).sort());
  });

  test.each(commands.map((sample) => [`${sample.command.type} (${sample.side})`, sample] as const))(
    '%s is answered as promised',
    (_name, { command, answer }) => {
      expect(readFrames(JSON.stringify(answer))).toEqual([answer]);
      expect(answer.re).toBe(command.id);
      expect(answerChecks[command.type as CommandType](answer.data)).toBe(true);
    },
  );
});

describe('events', () => {
  const known: Record<EventType, true> = {
    'message.created': true,
    'message.updated': true,
    'note.created': true,
    'note.updated': true,
    'conversation.read': true,
    'conversation.changed': true,
    'conversation.updated': true,
    'presence.changed': true,
    'end_user.updated': true,
    'typing.started': true,
    'typing.stopped': true,
    'availability.changed': true,
    'thread.updated': true,
  };

  test('each has a sample', () => {
    expect([...new Set(events.map(({ frame }) => frame.type))].sort()).toEqual(Object.keys(known).sort());
  });

  test.each(events.map(({ frame }, index) => [`${index} ${frame.type}`, frame] as const))(
    '%s is read whole',
    (_name, frame) => {
      expect(readFrames(JSON.stringify(frame))).toEqual([frame]);
    },
  );

  test.each(events.map(({ frame }, index) => [`${index} ${frame.type}`, frame] as const))(
    '%s is not believed when a field is missing or of another type',
    (_name, frame) => {
      let tried = 0;
      for (const data of damaged(frame.data as unknown as Json)) {
        const read = readFrames(JSON.stringify({ ...frame, data }));
        // A log event still tells its number, so that the reader can fetch what it missed.
        const expected =
          'version' in frame
            ? [{ type: 'unreadable', conversation: frame.conversation, version: frame.version }]
            : [];
        expect(read, JSON.stringify(data)).toEqual(expected);
        tried += 1;
      }
      expect(tried).toBeGreaterThan(0);
    },
  );

  test('an event of a later server asks for a fetch when it is numbered, and is dropped when not', () => {
    const later = { type: 'reaction.added', conversation: 'c', version: 7, data: {} };
    expect(readFrames(JSON.stringify(later))).toEqual([
      { type: 'unreadable', conversation: 'c', version: 7 },
    ]);
    expect(readFrames(JSON.stringify({ type: 'weather.changed', data: {} }))).toEqual([]);
  });

  test('names of the object prototype are no events', () => {
    expect(readFrames('{"type": "constructor", "data": {}}')).toEqual([]);
    expect(readFrames('{"type": "__proto__", "data": {}}')).toEqual([]);
  });
});

describe('errors', () => {
  const codes: Record<ErrorCode, number> = {
    invalid: 400,
    unauthenticated: 401,
    forbidden: 403,
    not_live: 403,
    not_found: 404,
    conflict: 409,
    gone: 410,
    too_large: 413,
    unsupported_type: 415,
    rate_limited: 429,
    internal: 500,
    unavailable: 503,
  };

  test('each code has a sample with its status', () => {
    const sampled = Object.fromEntries(errors.map(({ frame, status }) => [frame.error.code, status]));
    expect(sampled).toEqual(codes);
  });

  test.each(errors.map(({ frame }) => [frame.error.code, frame] as const))('%s is read', (_code, frame) => {
    expect(readFrames(JSON.stringify(frame))).toEqual([frame]);
    expect(isWireError(frame.error)).toBe(true);
  });
});

describe('REST', () => {
  const page = (check: (value: unknown) => boolean) => (value: unknown) =>
    (value as { results: unknown[] }).results.every(check);
  const list = (check: (value: unknown) => boolean) => (value: unknown) => (value as unknown[]).every(check);
  const within = (key: string, check: (value: unknown) => boolean) => (value: unknown) =>
    check((value as Record<string, unknown>)[key]);
  const checks: readonly [RegExp, (value: unknown) => boolean][] = [
    [/^GET me$/, within('member', isMember)],
    [/^GET members$/, list(isMember)],
    [/^GET conversations\?/, page(isConversation)],
    [/^GET conversations\/[^/]+$/, (value) => isConversation(value) || 'you' in (value as object)],
    [/messages\?/, page(isMessage)],
    [/\/sync\?/, isSync],
    [/^POST conversations\/[^/]+\/messages/, within('message', isMessage)],
    [/^POST conversations\/[^/]+\/notes/, within('note', isNote)],
    [/ attachments/, isAttachment],
    [/end-users/, isEndUser],
    [/^POST session/, (value) => within('threads', list(isThread))(value)],
    [
      /^POST conversations$/,
      (value) => within('thread', isThread)(value) && within('message', isMessage)(value),
    ],
    [/socket-tickets/, (value) => typeof (value as { ticket: unknown }).ticket === 'string'],
  ];

  test.each(rest.map((sample) => [`${sample.side}: ${sample.method} ${sample.path}`, sample] as const))(
    '%s',
    (_name, sample) => {
      const found = checks.filter(([pattern]) => pattern.test(`${sample.method} ${sample.path}`));
      expect(found.length).toBeGreaterThan(0);
      for (const [, check] of found) expect(check(sample.response)).toBe(true);
    },
  );
});

describe('what is no frame', () => {
  test.each([
    '',
    'null',
    '[]',
    '"text"',
    '{',
    '{}',
    '{"re": 1}',
    '{"re": 1, "ok": true}',
    '{"re": "1", "ok": true, "data": {}}',
    '{"re": 1, "ok": false}',
    '{"type": 3}',
  ])('%s', (raw) => {
    expect(readFrames(raw)).toEqual([]);
  });

  test('binary', () => {
    expect(readFrames(new Uint8Array([123, 125]))).toEqual([]);
  });
});
