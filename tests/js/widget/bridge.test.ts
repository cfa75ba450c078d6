import { beforeEach, describe, expect, test, vi } from 'vitest';
import { awaitPage, type Connection } from '../../../static/src/widget/frame/bridge';
import { personOf, readConnect, readToFrame } from '../../../static/src/widget/frame/guards';
import type { Connect, ToFrame } from '../../../static/src/widget/frame_protocol';

const connect: Connect = {
  livecaller: 1,
  isOpen: true,
  isKnown: false,
  hasIdentity: false,
  locale: 'en',
  theme: 'light dark',
  page: { url: 'https://shop.example/', title: 'Shop', referrer: '' },
  profile: { name: 'Ana' },
};

/** A window in a frame: what it is sent, and by whom. */
class View extends EventTarget {
  readonly parent = {};
  post(
    data: unknown,
    { origin = 'https://shop.example', source = this.parent, ports = 1 } = {},
  ): MessagePort[] {
    const channels = Array.from({ length: ports }, () => new MessageChannel());
    const event = Object.assign(new Event('message'), {
      data,
      origin,
      source,
      ports: channels.map(({ port2 }) => port2),
    });
    this.dispatchEvent(event);
    return channels.map(({ port1 }) => port1);
  }
}

let view: View;
let connections: Connection[];

beforeEach(() => {
  view = new View();
  connections = [];
  void awaitPage(view as unknown as Window, ['https://shop.example', 'https://other.example']).then(
    (connection) => connections.push(connection),
  );
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the port of the page', () => {
  test('is taken from the framing page of an allowed origin, once', async () => {
    const [port] = view.post(connect);
    view.post({ ...connect, isOpen: false });
    await turn();
    expect(connections).toHaveLength(1);
    expect(connections[0]?.connect).toEqual(connect);
    const heard = vi.fn();
    if (port) port.onmessage = ({ data }) => heard(data);
    connections[0]?.bridge.say({ type: 'ready', value: null });
    connections[0]?.bridge.event('consent', { accepted: true });
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
    expect(heard.mock.calls).toEqual([
      [{ type: 'ready', value: null }],
      [{ type: 'event', value: { name: 'consent', data: { accepted: true } } }],
    ]);
    port?.close();
  });

  test.each([
    ['from another origin', connect, { origin: 'https://shop.example.evil.example' }],
    ['from a sandbox without origin', connect, { origin: 'null' }],
    ['from another frame of the page', connect, { source: {} }],
    ['without a port', connect, { ports: 0 }],
    ['with two ports', connect, { ports: 2 }],
    ['with another version', { ...connect, livecaller: 2 }, {}],
    ['with a page that is none', { ...connect, page: 'https://shop.example/' }, {}],
  ])('a greeting %s is not heard', async (_, data, how) => {
    view.post(data, how);
    await turn();
    expect(connections).toEqual([]);
    view.post(connect);
    await turn();
    expect(connections).toHaveLength(1);
  });

  test('what comes through it in another shape is dropped', async () => {
    const [port] = view.post(connect);
    await turn();
    const heard: ToFrame[] = [];
    port?.postMessage({ type: 'visibility', value: false });
    connections[0]?.bridge.listen((message) => heard.push(message));
    port?.postMessage({ type: 'visibility', value: 'yes' });
    port?.postMessage({ type: 'run', value: 'alert(1)' });
    port?.postMessage({ type: 'locale', value: 'de' });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    // What was said before anybody listened is not lost.
    expect(heard).toEqual([
      { type: 'visibility', value: false },
      { type: 'locale', value: 'de' },
    ]);
    port?.close();
  });
});

describe('what a page may say', () => {
  test.each([
    { type: 'visibility', value: true },
    { type: 'page', value: connect.page },
    { type: 'locale', value: 'ka' },
    { type: 'profile', value: {} },
    { type: 'identity', value: 'jwt' },
    { type: 'identity', value: null },
    { type: 'identity.changed', value: false },
    { type: 'conversation.end', value: null },
    { type: 'forget', value: null },
  ])('$type', (message) => {
    expect(readToFrame(message)).toBe(message);
  });

  test.each([
    ['a long language', { type: 'locale', value: 'x'.repeat(36) }],
    ['a long token', { type: 'identity', value: 'x'.repeat(8193) }],
    ['a long detail', { type: 'profile', value: { name: 'x'.repeat(321) } }],
    [
      'many details',
      { type: 'profile', value: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [at, ''])) },
    ],
    ['a detail that is no text', { type: 'profile', value: { name: { toString: 1 } } }],
    ['a page without title', { type: 'page', value: { url: '', referrer: '' } }],
    ["a name of every object's", { type: 'toString', value: null }],
    ['nothing', null],
  ])('not %s', (_, message) => {
    expect(readToFrame(message)).toBeNull();
  });

  test.each(Object.keys(connect))('a greeting without %s is none', (name) => {
    expect(readConnect(connect)).toBe(connect);
    expect(readConnect({ ...connect, [name]: undefined })).toBeNull();
  });
});

test('of what a page says about somebody, the known names are kept, at the length that is stored', () => {
  expect(
    personOf({ name: ' Ana  Maria Beridze ', mobile: '+995 1', email: 'a@b.example', role: 'admin' }),
  ).toEqual({
    first_name: 'Ana',
    last_name: 'Maria Beridze',
    phone: '+995 1',
    email: 'a@b.example',
  });
  expect(personOf({ first_name: 'x'.repeat(100), last_name: '', name: 'other' })).toEqual({
    first_name: 'x'.repeat(80),
  });
  expect(personOf({})).toEqual({});
});
