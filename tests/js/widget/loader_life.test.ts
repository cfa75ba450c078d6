import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cleanPage, frameLoads, frames, launcher, loadLoader, root, settle, stored } from './loader_page';

beforeEach(cleanPage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
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
