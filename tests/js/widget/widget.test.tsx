import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryDrafts } from '../../../static/src/ui/drafts';
import { createToaster } from '../../../static/src/ui/Toast';
import { Uploads } from '../../../static/src/ui/uploads';
import type { App } from '../../../static/src/widget/frame/context';
import { watchEscape } from '../../../static/src/widget/frame/focus';
import { Widget } from '../../../static/src/widget/frame/Widget';
import { button, click, get, type } from '../support/dom';
import { message, operator, thread } from '../support/shapes';
import { Backend, type Scene, scene, settle, widgetConfig } from './backend';

let backend: Backend;
let page: Scene;
let place: HTMLElement;
let transcripts: string[];

beforeEach(() => {
  localStorage.clear();
  // The environment has no popovers.
  HTMLElement.prototype.hidePopover = () => {};
  backend = new Backend();
  transcripts = [];
  place = document.body.appendChild(document.createElement('div'));
});
afterEach(() => {
  page.store.chat?.stop();
  render(null, place);
  place.remove();
});

async function show(options: Parameters<typeof scene>[1] = {}, isWindow = false): Promise<void> {
  page = await scene(backend, options);
  const app: App = {
    store: page.store,
    toaster: createToaster(),
    drafts: memoryDrafts(),
    isWindow,
    uploadsOf: () => new Uploads({ maxSize: 1, send: async () => Promise.reject(new Error()) }),
    addressOf: async () => '',
    download: async () => {},
    saveTranscript: async (id) => void transcripts.push(id),
  };
  await act(() => render(<Widget app={app} />, place));
}

const all = (selector: string) => [...place.querySelectorAll<HTMLElement>(selector)];
const field = (name: string) => get<HTMLInputElement>(place, `[name=${name}]`);
const submit = () =>
  act(async () => void get(place, 'form').dispatchEvent(new Event('submit', { cancelable: true })));
const words = () => place.textContent ?? '';

describe('the form before the first message', () => {
  test('asks for consent that is not given beforehand, for as long as conversations are kept', async () => {
    await show();
    expect(field('consent').checked).toBe(false);
    expect(words()).toContain('I agree that Meridian Furniture keeps this conversation for 365 days.');
    const notice = get<HTMLAnchorElement>(place, '.check a');
    expect(notice.href).toBe('https://meridian.example/privacy');
    expect(notice.rel).toContain('noopener');
  });

  test('says what is missing, and leads to the first of it', async () => {
    await show({ config: { ...widgetConfig, form: { ...widgetConfig.form, email: 'required' } } });
    await type(field('message'), 'Hello');
    await submit();
    await vi.waitFor(() => expect(document.activeElement).toBe(field('email')));
    expect(field('email').getAttribute('aria-invalid')).toBe('true');
    const described = field('email').getAttribute('aria-describedby')?.split(' ') ?? [];
    expect(described.map((id) => document.getElementById(id)?.textContent)).toContain('Please fill this in.');
    expect(words()).toContain('We need your consent to start.');
    expect(backend.asked).toEqual([]);
  });

  test('starts the conversation', async () => {
    await show();
    await type(field('name'), 'Ana');
    await type(field('message'), ' Hello ');
    await click(field('consent'));
    await submit();
    await act(settle);
    expect(backend.of('POST conversations')[0]?.body).toMatchObject({ body: 'Hello', form: { name: 'Ana' } });
    expect(place.querySelector('.composer')).not.toBeNull();
  });

  test('keeps the words when it did not work', async () => {
    await show();
    backend.on('POST session', () => {
      throw new TypeError('network');
    });
    await type(field('message'), 'Hello');
    await click(field('consent'));
    await submit();
    await act(settle);
    expect(get(place, '[role=alert]').textContent).toContain('You are offline.');
    expect(field('message').value).toBe('Hello');
  });

  test('when nobody is there it asks for an address and promises no more than an e-mail', async () => {
    await show({
      config: { ...widgetConfig, available: false, form: { ...widgetConfig.form, email: 'hidden' } },
    });
    expect(field('email').required).toBe(true);
    expect(words()).toContain('We are away');
    expect(words()).not.toContain('We are online');
    expect(button(place, 'Send message').type).toBe('submit');
  });

  test("speaks the organization's own words where it wrote some", async () => {
    const texts = { en: { title: 'Sofa desk', intro: 'Ask about sofas.' }, de: { intro: 'Fragen Sie.' } };
    await show({ config: { ...widgetConfig, texts } });
    expect(get(place, 'h1').textContent).toBe('Sofa desk');
    expect(words()).toContain('Ask about sofas.');
    await act(async () => page.store.setLocale('de', true));
    expect(words()).toContain('Fragen Sie.');
    expect(get(place, 'h1').textContent).toBe('Sofa desk');
  });
});

describe('a thread', () => {
  async function comeBack(threads = [thread({ id: 'c7', version: 1 })], options = {}): Promise<void> {
    backend.remember();
    backend.threads = threads;
    await show(options);
    await act(() => page.store.resume());
    await act(() => backend.accept());
  }

  test('says until when it is kept', async () => {
    await comeBack([thread({ id: 'c7', expires_at: '2027-02-21T12:00:00.000Z' })]);
    expect(words()).toMatch(/Kept until .*2027, then deleted\./);
    expect(words()).not.toContain('Your browser keeps nothing');
  });

  test('says that the history ends with the page where the browser keeps nothing', async () => {
    await comeBack();
    page.store.endsWithPage.value = true;
    await act(settle);
    expect(words()).toContain('Your browser keeps nothing');
  });

  test('shows who answers', async () => {
    backend.messages = [message(1, { conversation: 'c7', author: operator })];
    await comeBack();
    expect(get(place, 'h1').textContent).toBe('Nino Kapanadze');
    expect(get(place, '.widget-state').textContent).toBe('Meridian Furniture · online');
  });

  test('that has ended offers a new one, and to go on in this one', async () => {
    await comeBack([thread({ id: 'c7', state: 'closed' })]);
    expect(words()).toContain('This conversation has ended.');
    expect(place.querySelector('.composer')).toBeNull();
    await click(button(place, 'Write in this one again'));
    expect(place.querySelector('.composer')).not.toBeNull();
    expect(words()).not.toContain('This conversation has ended.');
  });

  test('a further one asks only for what is not known', async () => {
    await comeBack([thread({ id: 'c7', state: 'closed' })]);
    await click(button(place, 'Start a new conversation'));
    expect(all('[name]').map((one) => one.getAttribute('name'))).toEqual(['email', 'message']);
    await click(button(place, 'Your conversations'));
    expect(all('.threads-row')).toHaveLength(1);
  });

  test('one of several is chosen from the list', async () => {
    await comeBack([thread({ id: 'a', state: 'closed' }), thread({ id: 'b', state: 'closed' })]);
    expect(all('.threads-row')).toHaveLength(2);
    await click(all('.threads-row')[1] as HTMLElement);
    expect(page.store.view.value).toEqual({ name: 'thread', id: 'b' });
    await click(button(place, 'Your conversations'));
    expect(all('.threads-row')).toHaveLength(2);
  });

  test('can be saved', async () => {
    await comeBack();
    await click(button(place, 'Get transcript'));
    expect(transcripts).toEqual(['c7']);
  });

  test('ends only after a question', async () => {
    await comeBack();
    await click(get(place, '[role=menuitem]:nth-of-type(3)'));
    expect(backend.of('POST conversations/c7/close')).toEqual([]);
    await click(get(place, '.dialog-actions .button-primary'));
    await act(settle);
    expect(backend.of('POST conversations/c7/close')).toHaveLength(1);
  });

  test('reads messages only while the widget is open', async () => {
    backend.messages = [message(1, { conversation: 'c7', author: operator })];
    await comeBack(undefined, { isOpen: false });
    const reads = () => backend.line.sent.filter(({ type: kind }) => kind === 'conversation.read');
    expect(reads()).toEqual([]);
    await act(() => page.hear({ type: 'visibility', value: true }));
    expect(reads().map(({ data }) => data)).toEqual([{ conversation: 'c7', seq: 1 }]);
  });
});

describe('shut', () => {
  test('a widget that is not live says so, without a form', async () => {
    await show();
    backend.on('POST session', [403, { error: { code: 'not_live', message: 'no' } }]);
    await act(() => page.store.start('Hello', {}).catch(() => {}));
    expect(get(place, 'h2').textContent).toBe('This chat is not open');
    expect(place.querySelector('form')).toBeNull();
  });
});

describe('closing', () => {
  test('the button and Escape ask the page; Escape closes a smaller thing first', async () => {
    await show();
    watchEscape(() => page.store.close());
    const pressEscape = () =>
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    const asked = () => page.told.filter(({ type: kind }) => kind === 'close').length;
    await click(button(place, 'Close'));
    expect(asked()).toBe(1);
    pressEscape();
    expect(asked()).toBe(2);
    const dialog = document.body.appendChild(document.createElement('dialog'));
    dialog.setAttribute('open', '');
    pressEscape();
    expect(asked()).toBe(2);
    dialog.remove();
  });

  test('a window of its own has nothing to close', async () => {
    await show({}, true);
    expect(all('header button').map((one) => one.getAttribute('aria-label'))).not.toContain('Close');
  });
});
