import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cleanPage, find, frameLoads, frames, launcher, loadLoader, stored, told } from './loader_page';
import { config } from './samples';

beforeEach(cleanPage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

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
