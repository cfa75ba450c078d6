import { createRef } from 'preact';
import { act } from 'preact/test-utils';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../static/src/core/errors';
import type { Attachment } from '../../../static/src/core/protocol';
import { Composer, type ComposerHandle, type ComposerProps } from '../../../static/src/ui/Composer';
import { type DraftStore, memoryDrafts, storedDrafts } from '../../../static/src/ui/drafts';
import { Uploads } from '../../../static/src/ui/uploads';
import { button, click, draw, get, press, type } from '../support/dom';

let drafts: DraftStore;
let sent: [string, Attachment[]][];

beforeEach(() => {
  drafts = memoryDrafts();
  sent = [];
});

function composer(more: Partial<ComposerProps> = {}) {
  return (
    <Composer
      label="Message"
      placeholder="Write"
      draftKey="c"
      drafts={drafts}
      onSend={(body, attachments) => sent.push([body, attachments])}
      {...more}
    />
  );
}

const area = (place: HTMLElement) => get<HTMLTextAreaElement>(place, 'textarea');

describe('Enter', () => {
  test('sends the words, trimmed, and empties the field', async () => {
    const { place } = draw(composer());
    await type(area(place), '  hello \n');
    const event = await press(area(place), 'Enter');
    expect(sent).toEqual([['hello', []]]);
    expect(event.defaultPrevented).toBe(true);
    expect(area(place).value).toBe('');
    expect(drafts.get('c')).toBe('');
  });

  test.each([
    ['with Shift', { shiftKey: true }],
    ['with Alt', { altKey: true }],
    ['while a word is being composed', { isComposing: true }],
  ])('%s does not', async (_name, keys) => {
    const { place } = draw(composer());
    await type(area(place), 'hello');
    const event = await press(area(place), 'Enter', keys);
    expect(sent).toEqual([]);
    expect(event.defaultPrevented).toBe(false);
  });

  test('starts a line where only Ctrl or Command with it sends', async () => {
    const { place } = draw(composer({ sendOn: 'modified_enter' }));
    await type(area(place), 'hello');
    await press(area(place), 'Enter');
    expect(sent).toEqual([]);
    await press(area(place), 'Enter', { metaKey: true });
    expect(sent).toHaveLength(1);
    await type(area(place), 'again');
    await press(area(place), 'Enter', { ctrlKey: true });
    expect(sent).toHaveLength(2);
  });

  test('belongs to the owner first', async () => {
    const { place } = draw(composer({ onKey: (event) => event.key === 'Enter' }));
    await type(area(place), 'hello');
    await press(area(place), 'Enter');
    expect(sent).toEqual([]);
  });
});

describe('sending', () => {
  test('needs words', async () => {
    const { place } = draw(composer());
    expect(button(place, 'Send').disabled).toBe(true);
    await type(area(place), '   ');
    await press(area(place), 'Enter');
    expect(sent).toEqual([]);
    await type(area(place), 'hello');
    await click(button(place, 'Send'));
    expect(sent).toHaveLength(1);
  });

  test('a note says that it is one', async () => {
    const { place } = draw(composer({ lane: 'note', layout: 'stacked' }));
    await type(area(place), 'hello');
    await click(button(place, 'Add note'));
    expect(sent).toHaveLength(1);
  });

  test('stops at 4,000 characters, and says so before', async () => {
    const { place } = draw(composer());
    await type(area(place), 'x'.repeat(3599));
    expect(place.textContent).not.toContain('left');
    await type(area(place), 'x'.repeat(3999));
    expect(place.textContent).toContain('1 character left');
    await type(area(place), 'x'.repeat(4002));
    expect(place.textContent).toContain('2 characters too many');
    await press(area(place), 'Enter');
    expect(sent).toEqual([]);
    expect(area(place).value).toHaveLength(4002);
  });
});

describe('drafts', () => {
  test('are kept for each conversation at every change', async () => {
    const { place, again } = draw(composer({ draftKey: 'a' }));
    await type(area(place), 'for a');
    again(composer({ draftKey: 'b' }));
    expect(area(place).value).toBe('');
    await type(area(place), 'for b');
    again(composer({ draftKey: 'a' }));
    expect(area(place).value).toBe('for a');
    expect([drafts.get('a'), drafts.get('b')]).toEqual(['for a', 'for b']);
  });

  test('outlive the page where there is storage', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
      removeItem: (key: string) => void kept.delete(key),
    } as Storage;
    storedDrafts('lc:', () => storage).set('c', 'hello');
    expect(storedDrafts('lc:', () => storage).get('c')).toBe('hello');
    storedDrafts('lc:', () => storage).set('c', '');
    expect(kept.size).toBe(0);
  });

  test('do without storage where the browser forbids it', () => {
    const forbidden = storedDrafts('lc:', () => {
      throw new DOMException('no', 'SecurityError');
    });
    forbidden.set('c', 'hello');
    expect(forbidden.get('c')).toBe('hello');
  });
});

test('the owner can put text at a place, and hears of every change', async () => {
  const handle = createRef<ComposerHandle>();
  const heard: [string, number][] = [];
  const { place } = draw(composer({ handle, onText: (text, caret) => heard.push([text, caret]) }));
  await type(area(place), 'say #hi now');
  await act(() => handle.current?.replace(4, 7, 'good morning'));
  expect(area(place).value).toBe('say good morning now');
  expect(heard.at(-1)).toEqual(['say good morning now', 16]);
  expect(document.activeElement).toBe(area(place));
});

describe('files', () => {
  type Upload = {
    file: File;
    progress(share: number): void;
    done(): void;
    fail(error: unknown): void;
    signal: AbortSignal;
  };
  let running: Upload[];
  let uploads: Uploads;
  const stored = (file: File): Attachment => ({
    id: file.name,
    name: file.name,
    content_type: file.type,
    size: file.size,
    width: null,
    height: null,
  });
  const running1 = () => {
    const last = running.at(-1);
    if (!last) throw new Error('nothing is being uploaded');
    return last;
  };

  beforeEach(() => {
    running = [];
    uploads = new Uploads({
      maxSize: 1000,
      maxCount: 3,
      send: (file, { onProgress, signal }) =>
        new Promise((resolve, reject) => {
          running.push({
            file,
            progress: (share) => onProgress?.(share),
            done: () => resolve(stored(file)),
            fail: reject,
            signal: signal as AbortSignal,
          });
        }),
    });
  });

  const file = (name: string, size = 10) => new File(['x'.repeat(size)], name, { type: 'text/plain' });
  const paste = async (place: HTMLElement, files: File[]) => {
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { files } });
    await act(async () => void area(place).dispatchEvent(event));
    return event;
  };

  test('go up at once, and with the message when they are there', async () => {
    const { place } = draw(composer({ uploads }));
    expect((await paste(place, [file('a.txt')])).defaultPrevented).toBe(true);
    await act(async () => running1().progress(0.42));
    expect(get<HTMLProgressElement>(place, 'progress').value).toBe(0.42);
    expect(place.textContent).toContain('42%');
    expect(button(place, 'Send').disabled).toBe(true);
    await act(async () => running1().done());
    await click(button(place, 'Send'));
    expect(sent).toEqual([['', [stored(file('a.txt'))]]]);
    expect(uploads.list.value).toEqual([]);
  });

  test('pasted words stay words', async () => {
    const { place } = draw(composer({ uploads }));
    expect((await paste(place, [])).defaultPrevented).toBe(false);
  });

  test('can be dropped', async () => {
    const { place } = draw(composer({ uploads }));
    const target = get(place, '.composer');
    const fire = async (name: string) => {
      const event = new Event(name, { bubbles: true, cancelable: true });
      Object.assign(event, { dataTransfer: { types: ['Files'], files: [file('a.txt')] } });
      await act(async () => void target.dispatchEvent(event));
    };
    await fire('dragover');
    expect(target.dataset.dropping).toBeDefined();
    await fire('drop');
    expect(target.dataset.dropping).toBeUndefined();
    expect(running).toHaveLength(1);
  });

  test('one that failed says why, holds the message back, and goes again by hand', async () => {
    const { place } = draw(composer({ uploads }));
    await paste(place, [file('a.txt')]);
    await act(async () => running1().fail(new Refusal('unsupported_type')));
    expect(place.textContent).toContain('Files of this type are not accepted.');
    await type(area(place), 'see the file');
    await press(area(place), 'Enter');
    expect(sent).toEqual([]);
    await click(button(place, 'Upload a.txt again'));
    await act(async () => running1().done());
    await press(area(place), 'Enter');
    expect(sent).toHaveLength(1);
  });

  test('what the server says about the file comes before what its code means', async () => {
    const { place } = draw(composer({ uploads }));
    await paste(place, [file('a.txt')]);
    const refusal = Refusal.of({ code: 'unsupported_type', message: 'In dieser Datei ist Schadsoftware.' });
    await act(async () => running1().fail(refusal));
    expect(place.textContent).toContain('In dieser Datei ist Schadsoftware.');
    expect(place.textContent).not.toContain('Files of this type are not accepted.');
    await click(button(place, 'Upload a.txt again'));
    expect(place.textContent).not.toContain('Schadsoftware');
    await act(async () => running1().fail(new Refusal('internal', 'unreadable answer')));
    expect(place.textContent).not.toContain('unreadable');
  });

  test('one that is too large is not sent at all, and a retry is not offered', async () => {
    const { place } = draw(composer({ uploads }));
    await paste(place, [file('big.txt', 1001)]);
    expect(running).toHaveLength(0);
    expect(place.textContent).toContain('Larger than 1 kB.');
    expect(() => button(place, 'Upload big.txt again')).toThrow();
  });

  test('taken out, its upload ends', async () => {
    const { place } = draw(composer({ uploads }));
    await paste(place, [file('a.txt')]);
    await click(button(place, 'Remove a.txt'));
    expect(running1().signal.aborted).toBe(true);
    await act(async () => running1().fail(new Refusal('offline')));
    expect(uploads.list.value).toEqual([]);
  });

  test('no more than fit: the rest is refused in words', async () => {
    const { place } = draw(composer({ uploads }));
    await paste(
      place,
      ['a', 'b', 'c', 'd', 'e'].map((name) => file(name)),
    );
    expect(running).toHaveLength(3);
    expect(place.textContent).toContain('At most 10 files go with a message.');
  });
});

test('a disabled composer takes nothing', async () => {
  drafts.set('c', 'hello');
  const { place } = draw(composer({ isDisabled: true }));
  expect(area(place).disabled).toBe(true);
  await press(area(place), 'Enter');
  expect(sent).toEqual([]);
});
