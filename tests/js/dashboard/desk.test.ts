import { type Signal, signal } from '@preact/signals';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import { listOf } from '../../../static/src/core/inbox';
import { memoryStore } from '../../../static/src/core/outbox_store';
import type { CommandFrame, Conversation, Member } from '../../../static/src/core/protocol';
import type { ConsoleConfig } from '../../../static/src/dashboard/config';
import { Desk, isArrival, reasonOf } from '../../../static/src/dashboard/desk';
import type { Route } from '../../../static/src/dashboard/route';
import { type FakeClock, fakeClock, settle } from '../support/clock';
import { FakeLine, helloAnswer } from '../support/line';
import { conversation, endUser, message, operator, sync } from '../support/shapes';

const me: Member = { id: 'op', name: 'Nino Kapanadze', role: 'owner', status: 'online' };
const luka: Member = { id: 'luka', name: 'Luka Meladze', role: 'operator', status: 'away' };
const config: ConsoleConfig = {
  socketUrl: 'wss://site.example/ws/inbox',
  apiUrl: '/api/v1/',
  csrfCookie: 'csrftoken',
  locale: 'en',
  member: me,
  organization: { id: 'org', name: 'Lomond' },
  links: { team: '', widgets: '', settings: '', signOut: '', preferences: '' },
};

function last(more: Partial<Conversation> = {}, author = endUser): Conversation {
  const last_message = {
    kind: 'text' as const,
    author,
    body: 'Hello',
    created_at: '2026-11-23T14:00:00.000Z',
  };
  return conversation({ last_seq: 1, version: 1, unread: 1, last_message, ...more });
}

describe('Desk', () => {
  let line: FakeLine;
  let clock: FakeClock;
  let route: Signal<Route>;
  let desk: Desk;
  let listed: Conversation[];
  const onArrival = vi.fn();
  const requests: string[] = [];

  const sent = (type: string) => line.sent.filter((frame) => frame.type === type);
  const answer = async (type: string, data: unknown) => {
    line.answer(data, sent(type).at(-1) as CommandFrame);
    await settle();
  };
  let isSignedIn = true;

  const push = async (frame: unknown) => {
    line.push(frame);
    await settle();
  };
  const announce = (shown: Conversation) =>
    push({ type: 'conversation.updated', data: { conversation: shown } });

  async function connect(): Promise<void> {
    await settle();
    line.accept();
    await settle();
    await answer('hello', helloAnswer({ me, members: [me, luka] } as never));
  }

  const respond: typeof fetch = async (address, init) => {
    requests.push(`${init?.method} ${address}`);
    const path = String(address);
    const body = path.includes('counts')
      ? { you: 0, open: 0, spam: 0, unread: 0 }
      : path.includes('tickets')
        ? { ticket: 't' }
        : { results: listed, next: null };
    if (!isSignedIn) return { status: 401, text: async () => '' } as Response;
    return { status: 200, text: async () => JSON.stringify(body) } as Response;
  };

  beforeEach(async () => {
    onArrival.mockClear();
    requests.length = 0;
    isSignedIn = true;
    listed = [];
    clock = fakeClock();
    route = signal<Route>({ section: 'you', conversation: null });
    const open = () => {
      line = new FakeLine();
      return line;
    };
    desk = new Desk(
      {
        config,
        store: memoryStore(),
        csrfToken: () => 'token',
        onArrival,
        connect: open,
        fetch: respond,
        clock,
      },
      route,
    );
  });

  describe('on the line', () => {
    beforeEach(async () => {
      desk.start();
      await connect();
    });

    test('knows the team, and hears of changes', async () => {
      expect([...desk.members.value.keys()]).toEqual(['op', 'luka']);
      await push({ type: 'presence.changed', data: { member: { ...luka, status: 'online' } } });
      expect(desk.members.value.get('luka')?.status).toBe('online');
    });

    test('opens the thread of the route and draws what comes', async () => {
      route.value = { section: 'you', conversation: 'c' };
      expect(desk.view.value).toMatchObject({ id: 'c', log: { messages: [] } });
      await answer('conversation.open', sync({ version: 1, messages: [message(1)] }));
      expect(desk.view.value?.log?.messages).toHaveLength(1);
      await push({ type: 'message.created', conversation: 'c', version: 2, data: { message: message(2) } });
      expect(desk.view.value?.log?.messages).toHaveLength(2);
      expect(desk.lists.get('c')?.id).toBe('c');
    });

    test('keeps eight threads alive and leaves the oldest', async () => {
      for (let count = 1; count <= 9; count += 1) route.value = { section: 'you', conversation: `c${count}` };
      expect(sent('conversation.leave').map(({ data }) => data)).toEqual([{ conversation: 'c1' }]);
      route.value = { section: 'you', conversation: 'c2' };
      expect(sent('conversation.open')).toHaveLength(9);
      expect(desk.view.value?.id).toBe('c2');
    });

    test('a thread that does not exist says so', async () => {
      route.value = { section: 'you', conversation: 'c' };
      line.refuse('not_found', {}, sent('conversation.open')[0]);
      await settle();
      expect(desk.view.value).toMatchObject({ id: 'c', isGone: true });
    });

    test('who types is shown without me, and a colleague is remembered', async () => {
      route.value = { section: 'you', conversation: 'c' };
      await answer('conversation.open', sync());
      const typing = (author: object) =>
        push({ type: 'typing.started', data: { conversation: 'c', author } });
      await typing(operator);
      await typing(endUser);
      await typing({ kind: 'operator', id: 'luka', name: 'Luka' });
      expect(desk.view.value?.typists.map(({ name }) => name)).toEqual(['Ana Beridze', 'Luka']);
      await clock.advance(10_000);
      expect(desk.view.value?.typists).toEqual([]);
      expect(desk.view.value?.colleagues).toEqual(['Luka']);
    });

    test('a message of an end-user rings when it is mine or nobody’s', async () => {
      await announce(last());
      expect(onArrival).toHaveBeenCalledOnce();
      await announce(last({ last_seq: 2, version: 2, unread: 2, assignee: { id: 'op', name: 'Nino' } }));
      expect(onArrival).toHaveBeenCalledTimes(2);
      await announce(last({ last_seq: 3, version: 3, unread: 3, assignee: { id: 'luka', name: 'Luka' } }));
      expect(onArrival).toHaveBeenCalledTimes(2);
    });

    test('a look at a colleague’s conversation reads nothing; taken over, what was seen is read', async () => {
      route.value = { section: 'open', conversation: 'c' };
      const theirs = conversation({ version: 1, last_seq: 1, assignee: { id: 'luka', name: 'Luka' } });
      await answer('conversation.open', sync({ version: 1, messages: [message(1)], snapshot: theirs }));
      desk.seen('c', 1);
      expect(sent('conversation.read')).toEqual([]);
      const mine = { state: 'open', operator: { id: 'op', name: 'Nino' } };
      await push({ type: 'conversation.changed', conversation: 'c', version: 2, data: mine });
      expect(sent('conversation.read').map(({ data }) => data)).toEqual([{ conversation: 'c', seq: 1 }]);
      await announce(last({ version: 3, assignee: { id: 'op', name: 'Nino' } }));
      expect(sent('conversation.read')).toHaveLength(1);
    });

    test('a new name stands in the list and over the thread at once, and stays', async () => {
      route.value = { section: 'open', conversation: 'c' };
      await answer('conversation.open', sync({ version: 1, messages: [message(1)] }));
      await announce(last({ id: 'earlier', end_user: { ...last().end_user, id: 'guest' } }));
      const person = { id: 'eu', name: 'Anna Beridze', email: 'anna@example.ge', is_verified: true };
      await push({ type: 'end_user.updated', data: { end_user: person, replaces: 'guest' } });
      expect(desk.view.value?.conversation?.end_user).toEqual({ ...person, is_online: true });
      expect(desk.lists.get('earlier')?.end_user).toEqual({ ...person, is_online: true });
      await push({ type: 'message.created', conversation: 'c', version: 2, data: { message: message(2) } });
      expect(desk.view.value?.conversation).toMatchObject({
        last_seq: 2,
        end_user: { name: 'Anna Beridze' },
      });
    });

    test('taking over is said in two steps; a refusal of the first ends it', async () => {
      const taking = desk.takeOver('c');
      expect(sent('conversation.assign').map(({ data }) => data)).toEqual([
        { conversation: 'c', assignee: null },
      ]);
      await answer('conversation.assign', { conversation: last({ assignee: null }) });
      expect(sent('conversation.assign').at(-1)?.data).toEqual({ conversation: 'c', assignee: 'op' });
      await answer('conversation.assign', {
        conversation: last({ version: 2, assignee: { id: 'op', name: 'Nino' } }),
      });
      await taking;
      expect(listOf(desk.lists.inbox.value, 'you')).toHaveLength(1);

      const refused = desk.takeOver('c');
      line.refuse('not_found', {}, sent('conversation.assign').at(-1));
      await expect(refused).rejects.toMatchObject({ code: 'not_found' });
      expect(sent('conversation.assign')).toHaveLength(3);
    });

    test('closing moves the row at once', async () => {
      await announce(last());
      const closing = desk.change('c', 'conversation.close');
      await answer('conversation.close', { conversation: last({ state: 'closed', version: 2 }) });
      await closing;
      expect(listOf(desk.lists.inbox.value, 'open')).toEqual([]);
      expect(listOf(desk.lists.inbox.value, 'closed')).toHaveLength(1);
    });

    test('after a loss the list and the thread catch up', async () => {
      route.value = { section: 'open', conversation: 'c' };
      await answer('conversation.open', sync({ version: 1, messages: [message(1)] }));
      const before = requests.length;
      line.end(1006);
      await clock.advance(4_000);
      listed = [last({ id: 'other' })];
      line.accept();
      await settle();
      expect(sent('hello')[0]?.data).toMatchObject({ epoch: 'e1', cursors: { c: { version: 1 } } });
      const delta = sync({ version: 2, mode: 'delta', messages: [message(2)] });
      await answer('hello', helloAnswer({ me, members: [me], syncs: [delta] } as never));
      expect(desk.view.value?.log?.messages).toHaveLength(2);
      expect(requests.slice(before).some((one) => one.includes('section=open'))).toBe(true);
      expect(listOf(desk.lists.inbox.value, 'open').map(({ id }) => id)).toContain('other');
    });

    test('a session that ended is asked for once more, and stops the line for good', async () => {
      isSignedIn = false;
      line.end(4401);
      await clock.advance(120_000);
      expect(desk.connection.value).toEqual({ phase: 'stopped', reason: 'unauthenticated' });
      expect(requests.filter((one) => one.includes('tickets'))).toHaveLength(2);
    });
  });
});

describe('isArrival', () => {
  test('the first sight of something unread', () => expect(isArrival(undefined, last())).toBe(true));
  test('the first sight of something read', () => {
    expect(isArrival(undefined, last({ unread: 0 }))).toBe(false);
  });
  test('a new message', () => expect(isArrival(last(), last({ last_seq: 2 }))).toBe(true));
  test('a read mark, a new assignee', () => {
    expect(isArrival(last(), last({ version: 2, unread: 0 }))).toBe(false);
  });
  test('a colleague’s answer', () => {
    expect(isArrival(last(), last({ last_seq: 2 }, operator))).toBe(false);
  });
  test('spam stays silent', () => {
    expect(isArrival(last({ state: 'spam' }), last({ state: 'spam', last_seq: 2 }))).toBe(false);
  });
});

describe('reasonOf', () => {
  test('the server’s own sentence where it knows more than the code', () => {
    expect(reasonOf(new Refusal('conflict', 'Luka has taken this conversation.'))).toEqual({
      key: 'error_conflict',
      sentence: 'Luka has taken this conversation.',
    });
    expect(reasonOf(new Refusal('forbidden', 'nope'))).toEqual({ key: 'error_forbidden', sentence: '' });
  });
  test('a bug of our own is an internal error', () => {
    expect(reasonOf(new TypeError('x')).key).toBe('error_internal');
  });
});
