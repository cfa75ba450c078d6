import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  cleanPage,
  find,
  frameLoads,
  frames,
  launcher,
  loadLoader,
  root,
  settle,
  stored,
} from './loader_page';

beforeEach(cleanPage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
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
