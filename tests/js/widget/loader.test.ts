import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cleanPage, find, frameLoads, frames, launcher, loadLoader, root, settle, told } from './loader_page';
import { config } from './samples';

beforeEach(cleanPage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const stored = () => [...Object.keys(localStorage), ...Object.keys(sessionStorage)];

describe('before the first act', () => {
  test('there is a launcher and nothing else: no frame, nothing stored', async () => {
    await loadLoader();
    expect(launcher().getAttribute('aria-expanded')).toBe('false');
    expect(launcher().getAttribute('aria-label')).toBe('Chat');
    expect(frames()).toEqual([]);
    expect(stored()).toEqual([]);
  });

  test('opening makes the frame, still without storing anything', async () => {
    const api = await loadLoader();
    api('open');
    const [frame] = frames();
    expect(frame?.src).toBe('https://widget.example/frame/pk_test#en');
    expect(frame?.title).toBe('Meridian Furniture');
    expect(frame?.getAttribute('allow')).toBe(
      'microphone https://widget.example; camera https://widget.example; ' +
        'display-capture https://widget.example; autoplay https://widget.example; ' +
        'fullscreen https://widget.example; clipboard-write https://widget.example',
    );
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
    expect(stored()).toEqual([]);
  });

  test('a second opening uses the same frame', async () => {
    const api = await loadLoader();
    api('open');
    const [frame] = frames();
    api('close');
    api('open');
    expect(frames()).toEqual([frame]);
  });

  test('one global, and no more', async () => {
    const before = new Set(Object.getOwnPropertyNames(window));
    await loadLoader();
    const added = Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
    expect(added.filter((name) => name !== 'livecallerConfig')).toEqual(['LiveCaller']);
  });

  test('a page without HTTPS gets a sentence instead of a chat', async () => {
    vi.stubGlobal('isSecureContext', false);
    await loadLoader();
    expect(document.querySelector('livecaller-widget')).toBeNull();
    expect(told).toHaveBeenCalledWith(expect.stringContaining('HTTPS'), '');
  });
});

describe('the line to the frame', () => {
  test('the port goes to the exact origin, with what the frame has to know', async () => {
    history.replaceState(null, '', '/sofas?token=secret#part');
    const api = await loadLoader();
    api('open');
    const { connect, origin } = await frameLoads();
    expect(origin).toBe('https://widget.example');
    expect(connect).toEqual({
      livecaller: 1,
      isOpen: true,
      isKnown: false,
      hasIdentity: false,
      locale: 'en',
      theme: 'light dark',
      page: { url: `${location.origin}/sofas`, title: 'Shop', referrer: '' },
      profile: {},
    });
  });

  test('the frame closes the panel, counts unread, and says that the visitor acted', async () => {
    const api = await loadLoader();
    const unread = vi.fn();
    api('on', 'unread', unread);
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'ready', value: null });
    await frame.say({ type: 'known', value: true });
    await frame.say({ type: 'close', value: null });
    await frame.say({ type: 'unread', value: 120 });
    expect(launcher().getAttribute('aria-expanded')).toBe('false');
    expect(launcher().getAttribute('aria-label')).toBe('Chat (120)');
    expect(find('.badge').textContent).toBe('99+');
    expect(unread).toHaveBeenCalledExactlyOnceWith({ count: 120 });
    expect(stored()).toEqual(['livecaller:pk_test']);
    expect(localStorage.getItem('livecaller:pk_test')).toBe('1');
  });

  test('what the frame says in another shape does nothing', async () => {
    const api = await loadLoader();
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'known', value: 'yes' });
    await frame.say({ type: 'close' });
    await frame.say('close');
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
    expect(stored()).toEqual([]);
  });

  test('a message to the page that did not come through the port is not heard', async () => {
    const api = await loadLoader();
    api('open');
    await frameLoads();
    window.postMessage({ type: 'known', value: true }, '*');
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'close', value: null } }));
    await settle();
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
    expect(stored()).toEqual([]);
  });

  test('nothing is sent before the frame is ready; then the opening and the page are told', async () => {
    const api = await loadLoader();
    api('open');
    const frame = await frameLoads();
    api('close');
    await settle();
    expect(frame.heard).toEqual([]);
    await frame.say({ type: 'ready', value: null });
    api('open');
    await settle();
    expect(frame.heard).toEqual([{ type: 'visibility', value: true }]);
  });

  test('a frame that never comes up gives way to a link, and the next opening tries again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const api = await loadLoader();
    const error = vi.fn();
    api('on', 'error', error);
    api('open');
    vi.advanceTimersByTime(15_000);
    const link = find<HTMLAnchorElement>('.card a');
    expect(link.href).toBe('https://widget.example/frame/pk_test#en');
    expect(link.target).toBe('_blank');
    expect(frames()).toEqual([]);
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'blocked' }));
    api('open');
    expect(frames()).toHaveLength(1);
    expect(root().querySelector('.card a')).toBeNull();
  });

  test('a frame that came up is left alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const api = await loadLoader();
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'ready', value: null });
    vi.advanceTimersByTime(60_000);
    expect(frames()).toHaveLength(1);
  });

  test("the page's policy refuses the frame: the link comes at once", async () => {
    const api = await loadLoader();
    api('open');
    const refuse = (details: object) =>
      document.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), details));
    refuse({ blockedURI: 'https://ads.example/x', effectiveDirective: 'frame-src' });
    refuse({ blockedURI: 'https://widget.example/a.png', effectiveDirective: 'img-src' });
    expect(frames()).toHaveLength(1);
    refuse({ blockedURI: 'https://widget.example/frame/pk_test', effectiveDirective: 'frame-src' });
    expect(find<HTMLAnchorElement>('.card a').target).toBe('_blank');
  });
});

describe('the next page', () => {
  test('the flag loads the frame by itself, and nothing opens', async () => {
    localStorage.setItem('livecaller:pk_test', '1');
    await loadLoader();
    const { connect } = await frameLoads();
    expect(connect).toMatchObject({ isKnown: true, isOpen: false });
    expect(root().querySelector('.card button')).toBeNull();
  });

  test("another widget's flag means nothing here", async () => {
    localStorage.setItem('livecaller:pk_other', '1');
    await loadLoader();
    expect(frames()).toEqual([]);
  });

  test('a single-page application tells the frame where it is, without query and fragment', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const api = await loadLoader();
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'ready', value: null });
    history.pushState({ a: 1 }, '', '/cart?coupon=x#y');
    history.replaceState({ a: 2 }, '', '/cart/2?coupon=x');
    document.title = 'Cart';
    vi.advanceTimersByTime(100);
    await settle();
    expect(history.state).toEqual({ a: 2 });
    expect(frame.heard).toEqual([
      { type: 'page', value: { url: `${location.origin}/cart/2`, title: 'Cart', referrer: '' } },
    ]);
    dispatchEvent(new PopStateEvent('popstate'));
    vi.advanceTimersByTime(100);
    await settle();
    expect(frame.heard).toHaveLength(2);
  });

  test('an application that replaces the whole page keeps its chat', async () => {
    const api = await loadLoader();
    document.body.replaceChildren();
    api('page');
    expect(document.querySelector('livecaller-widget')).not.toBeNull();
  });
});

describe('the greeting', () => {
  test('speaks the language of the page and opens the chat only on a click', async () => {
    document.documentElement.lang = 'de-AT';
    await loadLoader();
    expect(find('.card').textContent).toContain('Hallo!');
    expect(launcher().getAttribute('aria-expanded')).toBe('false');
    find<HTMLButtonElement>('.card > :first-child').click();
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
    expect(find('.card').childElementCount).toBe(0);
  });

  test('sent away it stays away for this session', async () => {
    await loadLoader();
    const dismiss = find<HTMLButtonElement>('.dismiss');
    expect(dismiss.getAttribute('aria-label')).toBe('Close');
    dismiss.click();
    expect(find('.card').childElementCount).toBe(0);
    await loadLoader();
    expect(find('.card').childElementCount).toBe(0);
  });

  test.each([
    ['without a text', { ...config, texts: {} }],
    ['beside a hidden launcher', { ...config, look: { ...config.look, launcher: 'hidden' as const } }],
  ])('there is none %s', async (_, given) => {
    await loadLoader({ config: given });
    expect(find('.card').childElementCount).toBe(0);
  });
});

describe('the shared script', () => {
  test('takes widget and look from its attributes and the host from its address', async () => {
    const api = await loadLoader({
      config: null,
      script: {
        src: 'https://widget.example/static/dist/loader-0123456789ab.js',
        'data-widget': 'pk_data',
        'data-position': 'start',
        'data-color': '#ffcc00',
        'data-theme': 'dark',
      },
    });
    expect(find('.root').className).toContain('start');
    expect(find<HTMLElement>('.root').style.getPropertyValue('--color')).toBe('#ffcc00');
    api('open');
    expect(frames()[0]?.src).toBe('https://widget.example/frame/pk_data#en');
    expect((await frameLoads()).connect.theme).toBe('dark');
  });

  test('is told its widget by boot, and keeps what was asked before', async () => {
    const api = await loadLoader({ config: null, script: { src: 'https://widget.example/loader.js' } });
    api('open');
    expect(document.querySelector('livecaller-widget')).toBeNull();
    api('boot', {});
    expect(told).toHaveBeenCalledWith(expect.stringContaining('boot needs'), '');
    api('boot', { widget: 'pk_late', locale: 'de' });
    expect(frames()[0]?.src).toBe('https://widget.example/frame/pk_late#de');
  });
});

describe('shutdown', () => {
  test('where nothing was stored it takes everything off the page at once', async () => {
    const api = await loadLoader();
    await api('shutdown');
    expect(document.querySelector('livecaller-widget')).toBeNull();
    expect(stored()).toEqual([]);
  });

  test('it lets the frame forget, then removes frame, flag and listeners', async () => {
    const api = await loadLoader();
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'ready', value: null });
    await frame.say({ type: 'known', value: true });
    const done = api('shutdown');
    await settle();
    expect(frame.heard).toContainEqual({ type: 'forget', value: null });
    expect(document.querySelector('livecaller-widget')).not.toBeNull();
    await frame.say({ type: 'forgotten', value: null });
    await done;
    expect(document.querySelector('livecaller-widget')).toBeNull();
    expect(stored()).toEqual([]);
    const heard = frame.heard.length;
    dispatchEvent(new PopStateEvent('popstate'));
    await settle();
    expect(frame.heard).toHaveLength(heard);
  });

  test('a browser that is known but has no frame yet is forgotten through a frame that may not resume', async () => {
    localStorage.setItem('livecaller:pk_test', '1');
    const api = await loadLoader();
    const done = api('shutdown');
    const frame = await frameLoads();
    expect(frame.connect).toMatchObject({ isKnown: false, hasIdentity: false, isOpen: false });
    await frame.say({ type: 'ready', value: null });
    expect(frame.heard).toEqual([{ type: 'forget', value: null }]);
    await frame.say({ type: 'forgotten', value: null });
    await done;
    expect(stored()).toEqual([]);
  });

  test('a change of the page just before it does not bring the widget back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const api = await loadLoader();
    history.pushState({}, '', '/elsewhere');
    await api('shutdown');
    vi.advanceTimersByTime(1_000);
    expect(document.querySelector('livecaller-widget')).toBeNull();
  });

  test('a frame that does not answer cannot hold it up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    localStorage.setItem('livecaller:pk_test', '1');
    const api = await loadLoader();
    const done = api('shutdown');
    await vi.advanceTimersByTimeAsync(5_000);
    await done;
    expect(document.querySelector('livecaller-widget')).toBeNull();
    expect(stored()).toEqual([]);
  });

  test('a boot during it waits for its end and starts afresh', async () => {
    localStorage.setItem('livecaller:pk_test', '1');
    const api = await loadLoader();
    const done = api('shutdown');
    api('boot');
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'ready', value: null });
    await frame.say({ type: 'forgotten', value: null });
    await done;
    await settle();
    expect(document.querySelectorAll('livecaller-widget')).toHaveLength(1);
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
    expect((await frameLoads()).connect.isKnown).toBe(false);
  });
});

describe('hostile pages', () => {
  const original = { ...Object.getOwnPropertyDescriptors(Array.prototype) };
  afterEach(() => {
    for (const name of ['evil', 'greeting', 'locale', 'widget']) {
      Reflect.deleteProperty(Array.prototype, name);
      Reflect.deleteProperty(Object.prototype, name);
    }
    Object.defineProperties(Array.prototype, original);
  });

  test('broken attachShadow: the chat is drawn without a root of its own', async () => {
    Element.prototype.attachShadow = () => {
      throw new Error('no');
    };
    await loadLoader();
    expect(document.querySelector('livecaller-widget .launcher')).not.toBeNull();
  });

  test('things hung on every object and list change nothing', async () => {
    Object.assign(Array.prototype, { evil: 'x' });
    Object.assign(Object.prototype, { evil: 'x', locale: 'de', widget: 'pk_evil' });
    const api = await loadLoader();
    api('boot', {});
    api('open');
    expect(frames()[0]?.src).toBe('https://widget.example/frame/pk_test#en');
    expect((await frameLoads()).connect.profile).toEqual({});
  });

  test("a customer's handler that throws stops neither the chat nor the other handlers", async () => {
    const api = await loadLoader();
    const second = vi.fn();
    api('on', 'open', () => {
      throw new Error('theirs');
    });
    api('on', 'open', second);
    api('open');
    expect(second).toHaveBeenCalledOnce();
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
  });

  test('storage that throws is no storage', async () => {
    vi.stubGlobal('localStorage', undefined);
    vi.stubGlobal('sessionStorage', undefined);
    const api = await loadLoader();
    api('open');
    const frame = await frameLoads();
    await frame.say({ type: 'known', value: true });
    expect(launcher().getAttribute('aria-expanded')).toBe('true');
  });
});
