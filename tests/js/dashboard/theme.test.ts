import { beforeEach, expect, test, vi } from 'vitest';
import { openTheme } from '../../../static/src/dashboard/theme';

const sent = vi.fn(async () => new Response());

beforeEach(() => {
  sent.mockClear();
  vi.stubGlobal('fetch', sent);
});

test.each([
  ['dark', 'dark'],
  ['light', 'light'],
  [undefined, 'system'],
  ['pink', 'system'],
])('the page says %s: %s', (given, theme) => {
  const page = document.createElement('html');
  if (given) page.dataset.theme = given;
  expect(openTheme(page, '/preferences/').theme.value).toBe(theme);
});

test('a choice holds at once and is told to the server', () => {
  const page = document.createElement('html');
  const choice = openTheme(page, '/preferences/');
  choice.choose('dark');
  expect(page.dataset.theme).toBe('dark');
  expect(choice.theme.value).toBe('dark');
  expect(sent).toHaveBeenCalledWith('/preferences/', {
    method: 'POST',
    body: new URLSearchParams({ theme: 'dark' }),
    redirect: 'manual',
  });
  choice.choose('system');
  expect(page.dataset.theme).toBeUndefined();
});
