import { afterEach, expect, test, vi } from 'vitest';
import { CopyButton } from '../../../static/src/dashboard/pages/copy_button';
import { readablePair, WidgetPreview } from '../../../static/src/dashboard/pages/widget_preview';

customElements.define('widget-preview', WidgetPreview);
customElements.define('copy-button', CopyButton);

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

function page(html: string): void {
  document.body.append(document.createRange().createContextualFragment(html));
}

function type(name: string, value: string): void {
  const field = document.querySelector(`[name="${name}"]`) as HTMLInputElement;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function preview(): HTMLElement {
  page(`<form><input name="color"><select name="position"><option>end<option>start</select><input name="title"></form>
    <widget-preview data-color="#0e6656" data-position="end"><bdi data-shows="title" data-otherwise="Meridian">Hi</bdi></widget-preview>`);
  return document.querySelector('widget-preview') as HTMLElement;
}

test('the preview starts with the stored colour and follows the fields', () => {
  const shown = preview();
  expect(shown.style.getPropertyValue('--color')).toBe('#0e6656');
  type('color', '#ffd400');
  expect(shown.style.getPropertyValue('--color')).toBe('#ffd400');
  expect(shown.style.getPropertyValue('--on-color')).toBe('#000000');
  type('position', 'start');
  expect(shown.dataset.position).toBe('start');
  type('title', '<b>Ask us</b>');
  expect(shown.querySelector('bdi')?.textContent).toBe('<b>Ask us</b>');
  type('title', ' ');
  expect(shown.querySelector('bdi')?.textContent).toBe('Meridian');
});

test('what is no colour changes nothing', () => {
  const shown = preview();
  type('color', 'red;--x:url(//evil.example)');
  expect(shown.style.getPropertyValue('--color')).toBe('#0e6656');
});

test('a preview that was removed follows nothing', () => {
  const shown = preview();
  shown.remove();
  type('title', 'Later');
  expect(shown.querySelector('bdi')?.textContent).toBe('Hi');
});

// The same pairs stand in tests/widget/test_documents.py: preview and widget must agree.
test.each([
  ['#ffffff', '#ffffff', '#000000'],
  ['#000000', '#000000', '#ffffff'],
  ['#0e6656', '#0e6656', '#ffffff'],
  ['#ffd400', '#ffd400', '#000000'],
  ['#e0563f', '#cb4d39', '#ffffff'],
])('%s is shown as %s with %s', (color, background, text) => {
  expect(readablePair(color)).toEqual([background, text]);
});

function copyable(): { button: HTMLButtonElement; word: HTMLElement } {
  page(`<pre id="code">&lt;script&gt;</pre>
    <copy-button data-from="code" data-done="Copied"><button hidden><span>Copy</span></button></copy-button>`);
  const button = document.querySelector('button') as HTMLButtonElement;
  return { button, word: button.querySelector('span') as HTMLElement };
}

test('copying takes the text as it is and says so', async () => {
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  const { button, word } = copyable();
  expect(button.hidden).toBe(false);
  button.click();
  await vi.waitFor(() => expect(word.textContent).toBe('Copied'));
  expect(writeText).toHaveBeenCalledWith('<script>');
});

test('where copying is impossible there is no button', () => {
  vi.stubGlobal('navigator', {});
  expect(copyable().button.hidden).toBe(true);
});

test('a refused copy claims nothing', async () => {
  const writeText = vi.fn(async () => Promise.reject(new Error('denied')));
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  const { button, word } = copyable();
  button.click();
  await vi.waitFor(() => expect(writeText).toHaveBeenCalled());
  expect(word.textContent).toBe('Copy');
});
