import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveCaller } from '../../../static/src/widget/loader/api';
import { cleanPage, type Frame, frameLoads, frames, launcher, loadLoader, settle, told } from './loader_page';

beforeEach(cleanPage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const isOpen = () => launcher().getAttribute('aria-expanded') === 'true';

async function withFrame(api: LiveCaller): Promise<Frame> {
  api('open');
  const frame = await frameLoads();
  await frame.say({ type: 'ready', value: null });
  return frame;
}

describe('the queue', () => {
  test('keeps what was called before the script came, in its order', async () => {
    const ready = vi.fn();
    const opened = vi.fn();
    // biome-ignore lint/complexity/useArrowFunction: the snippet needs `arguments`
    const stub = Object.assign(function () {}, {
      q: [['on', 'ready', ready], ['on', 'open', opened], ['locale', 'de'], ['open']],
    });
    await loadLoader({ stub });
    expect(ready).toHaveBeenCalledOnce();
    expect(opened).toHaveBeenCalledOnce();
    expect(isOpen()).toBe(true);
    expect(frames()[0]?.src).toBe('https://widget.example/frame/pk_test#de');
  });

  test('a call in it that is wrong does not lose the others', async () => {
    await loadLoader({ stub: { q: [[], ['nonsense'], ['on', 'ready', 'no function'], ['open']] } });
    expect(isOpen()).toBe(true);
    expect(told).toHaveBeenCalledWith('LiveCaller: there is no', 'nonsense');
  });

  test('a second script leaves the first alone', async () => {
    const first = await loadLoader();
    expect(await loadLoader()).toBe(first);
    expect(document.querySelectorAll('livecaller-widget')).toHaveLength(1);
  });
});

describe('events', () => {
  test('on answers how to stop; off ends one handler or all of a name', async () => {
    const api = await loadLoader();
    const [one, other, third] = [vi.fn(), vi.fn(), vi.fn()];
    const stop = api('on', 'open', one) as () => void;
    api('on', 'open', other);
    api('on', 'open', third);
    stop();
    api('off', 'open', other);
    api('open');
    expect([one, other, third].map((handler) => handler.mock.calls.length)).toEqual([0, 0, 1]);
    api('off', 'open');
    api('toggle');
    api('toggle');
    expect(third).toHaveBeenCalledOnce();
  });

  test('once is once', async () => {
    const api = await loadLoader();
    const handler = vi.fn();
    api('once', 'close', handler);
    for (const verb of ['open', 'close', 'open', 'close']) api(verb);
    expect(handler).toHaveBeenCalledOnce();
  });

  test('ready is called for who comes late', async () => {
    const api = await loadLoader();
    const handler = vi.fn();
    api('on', 'ready', handler);
    await vi.waitFor(() => expect(handler).toHaveBeenCalledOnce());
  });

  test('a second boot is not a second ready', async () => {
    const api = await loadLoader();
    const handler = vi.fn();
    api('on', 'ready', handler);
    api('boot');
    await vi.waitFor(() => expect(handler).toHaveBeenCalledOnce());
    await settle();
    expect(handler).toHaveBeenCalledOnce();
  });

  test('what the frame reports reaches the page', async () => {
    const api = await loadLoader();
    const heard = vi.fn();
    api('on', 'message:received', heard);
    const frame = await withFrame(api);
    const data = { conversation: 'c', message: 'm' };
    await frame.say({ type: 'event', value: { name: 'message:received', data } });
    expect(heard).toHaveBeenCalledExactlyOnceWith(data);
  });

  test('a call says that there are none yet', async () => {
    const api = await loadLoader();
    const error = vi.fn();
    api('on', 'error', error);
    api('call');
    expect(error).toHaveBeenCalledExactlyOnceWith({
      code: 'unavailable',
      message: 'Calls are not available yet.',
    });
  });
});

describe('who the visitor is', () => {
  test('a token is given only when the frame asks for it', async () => {
    const api = await loadLoader();
    const fresh = vi.fn(async () => 'jwt-1');
    api('identify', fresh);
    const frame = await withFrame(api);
    expect(frame.connect.hasIdentity).toBe(true);
    expect(fresh).not.toHaveBeenCalled();
    await frame.say({ type: 'identity.wanted', value: null });
    expect(frame.heard).toEqual([{ type: 'identity', value: 'jwt-1' }]);
    fresh.mockResolvedValue('jwt-2');
    await frame.say({ type: 'identity.wanted', value: null });
    expect(frame.heard.at(-1)).toEqual({ type: 'identity', value: 'jwt-2' });
  });

  test('somebody signs in later: the frame may ask', async () => {
    const api = await loadLoader();
    const frame = await withFrame(api);
    api('identify', 'jwt');
    await frame.say({ type: 'identity.wanted', value: null });
    expect(frame.heard).toEqual([
      { type: 'identity.changed', value: true },
      { type: 'identity', value: 'jwt' },
    ]);
  });

  test('a function that fails is told as an error', async () => {
    const api = await loadLoader();
    const error = vi.fn();
    api('on', 'error', error);
    api('identify', () => Promise.reject(new Error('401')));
    const frame = await withFrame(api);
    await frame.say({ type: 'identity.wanted', value: null });
    expect(error).toHaveBeenCalledExactlyOnceWith({ code: 'identity', message: 'Error: 401' });
    expect(frame.heard).toEqual([{ type: 'identity', value: null }]);
  });

  test('signing out forgets the person; the widget stays', async () => {
    const api = await loadLoader();
    api('identify', 'jwt');
    const frame = await withFrame(api);
    await frame.say({ type: 'known', value: true });
    api('identify', null);
    await settle();
    expect(frame.heard).toEqual([{ type: 'forget', value: null }]);
    await frame.say({ type: 'forgotten', value: null });
    expect(localStorage.length).toBe(0);
    expect(document.querySelector('livecaller-widget')).not.toBeNull();
  });

  test('unproven details: texts only, and whatever is no text stays out', async () => {
    const api = await loadLoader();
    api('update', { first_name: 'Ana', email: 'ana@example.com', age: 41, run: () => {} });
    const frame = await withFrame(api);
    expect(frame.connect.profile).toEqual({ first_name: 'Ana', email: 'ana@example.com' });
    api('update', { phone: '+995' });
    await settle();
    expect(frame.heard).toEqual([
      { type: 'profile', value: { first_name: 'Ana', email: 'ana@example.com', phone: '+995' } },
    ]);
  });

  test('consent withdrawn forgets, consent given changes nothing', async () => {
    const api = await loadLoader();
    const frame = await withFrame(api);
    api('consent', true);
    await settle();
    expect(frame.heard).toEqual([]);
    api('consent', false);
    await settle();
    expect(frame.heard).toEqual([{ type: 'forget', value: null }]);
    await frame.say({ type: 'forgotten', value: null });
  });
});

describe('launcher and language', () => {
  test('show and hide', async () => {
    const api = await loadLoader();
    api('hide');
    expect(launcher().hidden).toBe(true);
    api('show');
    expect(launcher().hidden).toBe(false);
  });

  test('the language can change while the frame is there', async () => {
    const api = await loadLoader();
    const frame = await withFrame(api);
    api('locale', 'ar-EG');
    await settle();
    expect(frame.heard).toEqual([{ type: 'locale', value: 'ar' }]);
    expect(launcher().getAttribute('aria-label')).toBe('محادثة');
  });

  test('the frame says which language the visitor chose', async () => {
    const api = await loadLoader();
    const frame = await withFrame(api);
    await frame.say({ type: 'locale', value: 'ka' });
    expect(launcher().getAttribute('aria-label')).toBe('ჩატი');
  });
});

describe('the older script', () => {
  /** The snippet of the older script: an object with a promise, settled when the script has loaded. */
  function olderStub() {
    let settleLoad: (api: LiveCaller) => void = () => {};
    const loaded = new Promise<LiveCaller>((resolve) => {
      settleLoad = resolve;
    });
    return { stub: { client: () => loaded }, onload: () => settleLoad(window.LiveCaller as LiveCaller) };
  }

  test('its snippet works unchanged', async () => {
    const { stub, onload } = olderStub();
    const ready = vi.fn();
    const started = stub.client().then(async (client) => {
      client.config.merge({ widget: { id: '7cd4255d-822e-4a9b-92c8-8738ee5fb541' }, app: { locale: 'de' } });
      client.$on('session.ready', ready);
      client.liftOff();
    });
    await loadLoader({ stub });
    onload();
    await started;
    await vi.waitFor(() => expect(ready).toHaveBeenCalledOnce());
    window.LiveCaller?.$emit('ui.widget.open');
    // The script's own address says which widget; the older identifier is not one of ours.
    expect(frames()[0]?.src).toBe('https://widget.example/frame/pk_test#de');
  });

  test('opening, closing and toggling, and hearing of it', async () => {
    const api = await loadLoader();
    const heard: string[] = [];
    api.$on('ui.widget.open', () => heard.push('open'));
    api.$on('ui.widget.close', () => heard.push('close'));
    for (const name of ['open', 'close', 'toggle', 'toggle']) api.$emit(`ui.widget.${name}`);
    expect(heard).toEqual(['open', 'close', 'open', 'close']);
  });

  test('closing the conversation, the language, and the person by token', async () => {
    const api = await loadLoader();
    const frame = await withFrame(api);
    api.$emit('ui.conversation.close');
    api.$emit('app.locale.update', 'ka');
    api.$emit('user.login', 'jwt-1');
    await frame.say({ type: 'identity.wanted', value: null });
    api.$emit('user.update', 'jwt-2');
    await frame.say({ type: 'identity.wanted', value: null });
    api.$emit('user.logout');
    await settle();
    expect(frame.heard).toEqual([
      { type: 'conversation.end', value: null },
      { type: 'locale', value: 'ka' },
      { type: 'identity.changed', value: true },
      { type: 'identity', value: 'jwt-1' },
      { type: 'identity.changed', value: true },
      { type: 'identity', value: 'jwt-2' },
      { type: 'forget', value: null },
    ]);
    await frame.say({ type: 'forgotten', value: null });
  });

  test('client is a promise of the same thing', async () => {
    const api = await loadLoader();
    expect(await api.client()).toBe(api);
  });
});
