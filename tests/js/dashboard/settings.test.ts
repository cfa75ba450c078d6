import { beforeEach, describe, expect, test } from 'vitest';
import { openSettings, readSettings } from '../../../static/src/dashboard/settings';

const defaults = { shortcuts: true, enterSends: true, alerts: false };

describe('readSettings', () => {
  test.each([[null], ['nonsense'], ['null'], ['[]'], ['{"shortcuts":"yes","more":1}']])('%s', (stored) => {
    expect(readSettings(stored)).toEqual(defaults);
  });

  test('what was set', () => {
    expect(readSettings('{"shortcuts":false,"enterSends":false,"alerts":true}')).toEqual({
      shortcuts: false,
      enterSends: false,
      alerts: true,
    });
  });
});

describe('openSettings', () => {
  beforeEach(() => localStorage.clear());

  test('a change is there for the next page', () => {
    openSettings(window).change({ enterSends: false });
    expect(openSettings(window).settings.value).toEqual({ ...defaults, enterSends: false });
  });

  test('a change in another tab holds here', () => {
    const here = openSettings(window);
    const newValue = JSON.stringify({ ...defaults, shortcuts: false });
    window.dispatchEvent(new StorageEvent('storage', { key: 'livecaller.console', newValue }));
    expect(here.settings.value.shortcuts).toBe(false);
    window.dispatchEvent(new StorageEvent('storage', { key: 'something else', newValue: '{}' }));
    expect(here.settings.value.shortcuts).toBe(false);
  });

  test('where the browser refuses storage it holds for this page', () => {
    const refusing = {
      addEventListener() {},
      get localStorage(): Storage {
        throw new DOMException('refused', 'SecurityError');
      },
    } as unknown as Window;
    const store = openSettings(refusing);
    store.change({ alerts: true });
    expect(store.settings.value.alerts).toBe(true);
  });
});
