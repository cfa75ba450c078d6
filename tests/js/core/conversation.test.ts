import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as logs from '../../../static/src/core/conversation';
import type { Conversation, LogEvent, Sync } from '../../../static/src/core/protocol';
import { ModelServer } from '../support/server';
import { conversation, endUser, message, nobody, note, operator, sync } from '../support/shapes';

type ConversationLog = logs.Log<Conversation>;

function loaded(more: Partial<Sync<Conversation>> = {}): ConversationLog {
  return logs.applySync(logs.emptyLog<Conversation>('c'), sync(more)).log;
}

function created(version: number, seq = version): LogEvent {
  const data = { message: message(seq, { version }) };
  return { type: 'message.created', conversation: 'c', version, data };
}

function noted(version: number): LogEvent {
  return { type: 'note.created', conversation: 'c', version, data: { note: note(version) } };
}

const seqs = (log: ConversationLog) => log.messages.map((one) => one.seq);

describe('an event of the log', () => {
  const log = loaded({ version: 2, messages: [message(1), message(2)] });

  test('is applied when it is next', () => {
    const step = logs.applyEvent(log, created(3));
    expect(step.gap).toBe(false);
    expect(seqs(step.log)).toEqual([1, 2, 3]);
    expect(step.log.version).toBe(3);
  });

  test('is dropped when it is old: the very same log comes back', () => {
    expect(logs.applyEvent(log, created(2)).log).toBe(log);
  });

  test('waits when it is early, and goes in when the gap is filled', () => {
    const early = logs.applyEvent(log, created(4));
    expect(early.gap).toBe(true);
    expect(seqs(early.log)).toEqual([1, 2]);

    const filled = logs.applyEvent(early.log, created(3));
    expect(filled.gap).toBe(false);
    expect(seqs(filled.log)).toEqual([1, 2, 3, 4]);
  });

  test('waits once, however often it comes', () => {
    const once = logs.applyEvent(log, created(4)).log;
    expect(logs.applyEvent(once, created(4)).log.held).toHaveLength(1);
  });

  test('waits as long as nothing is loaded', () => {
    const early = logs.applyEvent(logs.emptyLog<Conversation>('c'), created(1));
    expect(early.gap).toBe(true);
    expect(early.log.messages).toEqual([]);
  });

  test('that cannot be read asks for a fetch', () => {
    expect(logs.applyEvent(log, { type: 'unreadable', conversation: 'c', version: 3 })).toEqual({
      log,
      gap: true,
    });
  });

  test('of notes is counted in its own lane', () => {
    const step = logs.applyEvent(log, noted(1));
    expect(step.log.noteVersion).toBe(1);
    expect(step.log.version).toBe(2);
    expect(logs.applyEvent(step.log, created(3)).gap).toBe(false);
  });

  test('an update takes the place of what was there', () => {
    const edited = message(1, { version: 3, body: 'better' });
    const step = logs.applyEvent(log, {
      type: 'message.updated',
      conversation: 'c',
      version: 3,
      data: { message: edited },
    });
    expect(step.log.messages.map((one) => one.body)).toEqual(['better', 'message 2']);
  });

  test('a read mark only moves forward', () => {
    const read = (version: number, seq: number): LogEvent => ({
      type: 'conversation.read',
      conversation: 'c',
      version,
      data: { reader: 'end_user', seq },
    });
    const moved = logs.applyEvent(logs.applyEvent(log, read(3, 2)).log, read(4, 1)).log;
    expect(moved.snapshot?.end_user_read_seq).toBe(2);
    expect(moved.snapshot?.operator_read_seq).toBe(0);
  });

  test('a change of state reaches the summary', () => {
    const step = logs.applyEvent(log, {
      type: 'conversation.changed',
      conversation: 'c',
      version: 3,
      data: { state: 'closed', operator: { id: 'op', name: 'Nino' } },
    });
    expect(step.log.snapshot).toMatchObject({ state: 'closed', assignee: { id: 'op' }, version: 3 });
  });

  test('does not undo a summary that is ahead of it', () => {
    const ahead = logs.applySnapshot(log, conversation({ version: 4, state: 'closed' }));
    const late = logs.applyEvent(ahead, {
      type: 'conversation.changed',
      conversation: 'c',
      version: 3,
      data: { state: 'open', operator: null },
    });
    expect(late.log.snapshot?.state).toBe('closed');
    expect(late.log.version).toBe(3);
  });
});

describe('a sync', () => {
  test('reload throws away what was there', () => {
    const log = loaded({ version: 9, messages: [message(1), message(2)] });
    const next = logs.applySync(log, sync({ epoch: 'e2', version: 3, messages: [message(1)] })).log;
    expect(seqs(next)).toEqual([1]);
    expect(next.version).toBe(3);
    expect(next.epoch).toBe('e2');
  });

  test('reload of another epoch forgets what was held: its numbers mean other things', () => {
    const early = logs.applyEvent(loaded({ version: 1, messages: [message(1)] }), created(5)).log;
    const next = logs.applySync(early, sync({ epoch: 'e2', version: 4 }));
    expect(next).toMatchObject({ gap: false, log: { version: 4, messages: [] } });
  });

  test('delta adds what changed and keeps the rest', () => {
    const log = loaded({ version: 2, messages: [message(1), message(2)] });
    const edited = message(1, { version: 3, body: 'better' });
    const delta = sync({ mode: 'delta', version: 4, messages: [edited, message(3, { version: 4 })] });
    const next = logs.applySync(log, delta).log;
    expect(next.messages.map((one) => one.body)).toEqual(['better', 'message 2', 'message 3']);
    expect(next.version).toBe(4);
  });

  test('delta releases what came too early', () => {
    const early = logs.applyEvent(loaded({ version: 1, messages: [message(1)] }), created(4)).log;
    const step = logs.applySync(
      early,
      sync({ mode: 'delta', version: 3, messages: [message(2), message(3)] }),
    );
    expect(step.gap).toBe(false);
    expect(seqs(step.log)).toEqual([1, 2, 3, 4]);
    expect(step.log.version).toBe(4);
  });

  test('delta that is still too short asks again', () => {
    const early = logs.applyEvent(loaded({ version: 1, messages: [message(1)] }), created(5)).log;
    const step = logs.applySync(
      early,
      sync({ mode: 'delta', version: 3, messages: [message(2), message(3)] }),
    );
    expect(step.gap).toBe(true);
    expect(step.log.version).toBe(3);
  });

  test('delta of another epoch is not mixed in', () => {
    const log = loaded({ version: 1, messages: [message(1)] });
    const step = logs.applySync(
      log,
      sync({ mode: 'delta', epoch: 'e2', version: 2, messages: [message(2)] }),
    );
    expect(step.gap).toBe(true);
    expect(logs.cursorOf(step.log)).toBeNull();
    expect(seqs(step.log)).toEqual([1]);
  });

  test('delta does not tear a hole before the loaded window', () => {
    const window = loaded({ version: 60, has_earlier: true, messages: [message(51), message(52)] });
    const delta = sync({ mode: 'delta', version: 61, messages: [message(5, { version: 61 })] });
    const next = logs.applySync(window, delta).log;
    expect(seqs(next)).toEqual([51, 52]);
    expect(next.version).toBe(61);
  });

  test('reload that was overtaken by an event asks once more', () => {
    const log = logs.applyEvent(loaded({ version: 1, messages: [message(1)] }), created(2)).log;
    expect(logs.applySync(log, sync({ version: 1, messages: [message(1)] })).gap).toBe(true);
  });

  test('an older delta takes nothing back', () => {
    const log = loaded({ version: 3, messages: [message(1, { version: 3, body: 'newest' })] });
    const late = sync({ mode: 'delta', version: 2, messages: [message(1, { version: 2, body: 'older' })] });
    const next = logs.applySync(log, late).log;
    expect(next.messages[0]?.body).toBe('newest');
    expect(next.version).toBe(3);
  });
});

describe('the acknowledged message', () => {
  test('stands at once, and its own event does not double it', () => {
    const log = loaded({ version: 1, messages: [message(1)] });
    const answered = logs.applyAnswer(log, message(2));
    expect(seqs(answered)).toEqual([1, 2]);
    expect(answered.version).toBe(1);
    expect(seqs(logs.applyEvent(answered, created(2)).log)).toEqual([1, 2]);
  });

  test('leaves room for what comes before it', () => {
    const answered = logs.applyAnswer(loaded({ version: 1, messages: [message(1)] }), message(3));
    expect(seqs(logs.applyEvent(answered, created(2)).log)).toEqual([1, 2, 3]);
  });
});

describe('earlier pages', () => {
  const window = loaded({ version: 60, has_earlier: true, messages: [message(51), message(52)] });

  test('join in front', () => {
    const page = { results: [message(49), message(50)], has_earlier: true };
    const next = logs.applyEarlier(window, page);
    expect(seqs(next)).toEqual([49, 50, 51, 52]);
    expect(next.hasEarlier).toBe(true);
  });

  test('the first page says that it is the first', () => {
    expect(logs.applyEarlier(window, { results: [message(50)], has_earlier: false }).hasEarlier).toBe(false);
  });
});

describe('snapshots', () => {
  test('the newest pair of numbers wins', () => {
    const log = loaded({ version: 3, note_version: 2 });
    const older = conversation({ version: 3, note_version: 1, state: 'spam' });
    const newer = conversation({ version: 3, note_version: 3, state: 'closed' });
    expect(logs.applySnapshot(log, older)).toBe(log);
    expect(logs.applySnapshot(log, newer).snapshot?.state).toBe('closed');
  });

  test('an equal pair brings what has no number: who is online', () => {
    const log = loaded({ version: 3 });
    const offline = conversation({ version: 3, end_user: { ...conversation().end_user, is_online: false } });
    expect(logs.applySnapshot(log, offline).snapshot?.end_user.is_online).toBe(false);
  });

  test('being behind is seen in either lane', () => {
    const log = loaded({ version: 3, note_version: 2 });
    expect(logs.isBehind(log, { version: 3, note_version: 2 })).toBe(false);
    expect(logs.isBehind(log, { version: 4, note_version: null })).toBe(true);
    expect(logs.isBehind(log, { version: 3, note_version: 3 })).toBe(true);
  });
});

test('unread counts what the other side wrote after the mark, and nothing that is gone', () => {
  const log = loaded({
    version: 6,
    messages: [
      message(1),
      message(2, { author: operator }),
      message(3),
      message(4, { author: nobody, kind: 'system', body: 'closed' }),
      message(5, { deleted_at: '2026-11-23T14:00:00.000Z' }),
      message(6, { author: endUser }),
    ],
    snapshot: conversation({ version: 6, operator_read_seq: 1, end_user_read_seq: 1 }),
  });
  expect(logs.unreadOf(log, 'operator')).toBe(2);
  expect(logs.unreadOf(log, 'end_user')).toBe(1);
});

describe('whatever the network does, the reader ends where the server is', () => {
  type Weather = { lost: boolean; doubled: boolean; swapped: boolean; answersSync: boolean };

  const doings = {
    message: (server: ModelServer) => void server.addMessage('words'),
    edit: (server: ModelServer) => server.edit(),
    note: (server: ModelServer) => server.addNote(),
    read: (server: ModelServer) => server.read(),
    close: (server: ModelServer) => server.toggle(),
  };

  /** A browser that only has the log: it asks when told to, and hears what the weather lets through. */
  class Reader {
    log: ConversationLog = logs.emptyLog('c');
    #asks = true;
    #underWay: Sync<Conversation> | null = null;

    constructor(readonly server: ModelServer) {}

    ask(): void {
      if (!this.#asks || this.#underWay) return;
      this.#asks = false;
      this.#underWay = this.server.sync(logs.cursorOf(this.log));
    }

    answered(): void {
      const answer = this.#underWay;
      this.#underWay = null;
      if (answer) this.#take(logs.applySync(this.log, answer));
    }

    hear(event: LogEvent): void {
      this.#take(logs.applyEvent(this.log, event));
    }

    /** The heartbeat: as long as something is missing, fetch. Answers how often. */
    heal(): number {
      const { version, noteVersion } = this.server;
      for (let round = 0; ; round += 1) {
        this.answered();
        this.#asks ||= logs.isBehind(this.log, { version, note_version: noteVersion });
        if (!this.#asks) return round;
        this.ask();
      }
    }

    #take(step: logs.Step<Conversation>): void {
      this.log = step.log;
      this.#asks ||= step.gap;
    }
  }

  function deliver(reader: Reader, fresh: readonly LogEvent[], late: LogEvent[], sky: Weather): void {
    if (sky.lost) return;
    late.push(...fresh, ...(sky.doubled ? fresh : []));
    // What is held back comes with the next event, and before it.
    if (sky.swapped) late.reverse();
    else for (const event of late.splice(0)) reader.hear(event);
  }

  const script = fc.array(
    fc.record({
      change: fc.constantFrom(...(Object.keys(doings) as (keyof typeof doings)[])),
      sky: fc.record({
        lost: fc.boolean(),
        doubled: fc.boolean(),
        swapped: fc.boolean(),
        answersSync: fc.boolean(),
      }),
    }),
    { minLength: 1, maxLength: 60 },
  );

  test('lost, doubled, swapped events and late answers', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const server = new ModelServer();
        const reader = new Reader(server);
        const late: LogEvent[] = [];
        for (const { change, sky } of steps) {
          reader.ask();
          const before = server.events.length;
          doings[change](server);
          deliver(reader, server.events.slice(before), late, sky);
          if (sky.answersSync) reader.answered();
        }
        expect(reader.heal()).toBeLessThan(4);

        const { log } = reader;
        expect(log.messages).toEqual(server.messages);
        expect(log.notes).toEqual(server.notes);
        expect([log.version, log.noteVersion]).toEqual([server.version, server.noteVersion]);
        expect(log.held).toEqual([]);
        expect(log.snapshot).toMatchObject({ state: server.state, operator_read_seq: server.readSeq });
      }),
      { numRuns: 400 },
    );
  });
});
