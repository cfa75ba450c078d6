import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { applySync, emptyLog } from '../../../static/src/core/conversation';
import type { Outgoing } from '../../../static/src/core/outbox';
import type { Author, Conversation, Message, Note } from '../../../static/src/core/protocol';
import { timelineOf } from '../../../static/src/core/timeline';
import { NoteRow } from '../../../static/src/ui/NoteRow';
import { Thread, type ThreadProps } from '../../../static/src/ui/Thread';
import { button, click, draw, get } from '../support/dom';
import { conversation, endUser, message, nobody, note, operator, sync } from '../support/shapes';

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 23, 15) }));
afterEach(() => void vi.useRealTimers());

type Content = { messages?: Message[]; notes?: Note[]; outgoing?: Outgoing[]; me?: Author; readSeq?: number };

function itemsOf({ messages = [], notes = [], outgoing = [], me = operator, readSeq = 0 }: Content) {
  const snapshot = conversation({ end_user_read_seq: readSeq });
  return timelineOf(
    applySync(emptyLog<Conversation>('c'), sync({ messages, notes, snapshot })).log,
    outgoing,
    me,
  );
}

function thread(content: Content, more: Partial<ThreadProps> = {}) {
  return (
    <Thread
      items={itemsOf(content)}
      label="Conversation with Ana"
      me={content.me ?? operator}
      hasEarlier={false}
      onEarlier={async () => {}}
      typists={[]}
      onSeen={() => {}}
      onRetry={() => {}}
      onDiscard={() => {}}
      onDownload={() => {}}
      Note={NoteRow}
      {...more}
    />
  );
}

const log = (place: HTMLElement) => get(place, '.thread-log');
const texts = (place: HTMLElement, selector: string) =>
  [...place.querySelectorAll(selector)].map((one) => one.textContent?.replace(/\s+/g, ' ').trim());

function outgoing(more: Partial<Outgoing>): Outgoing {
  return {
    client_id: 'pending',
    conversation: 'c',
    lane: 'message',
    body: 'soon',
    attachments: [],
    created_at: new Date().toISOString(),
    state: 'failed',
    failure: null,
    ...more,
  };
}

describe('the log', () => {
  test('has a name, can be reached by keyboard, and becomes one only after its history stands', async () => {
    const { place } = draw(thread({ messages: [message(1)] }));
    expect(log(place).getAttribute('aria-label')).toBe('Conversation with Ana');
    expect(log(place).tabIndex).toBe(0);
    expect(log(place).getAttribute('role')).not.toBe('log');
    expect(log(place).getAttribute('aria-live')).toBe('off');
    await act(() => void vi.advanceTimersByTime(50));
    expect(log(place).getAttribute('role')).toBe('log');
    expect(log(place).getAttribute('aria-live')).toBe('polite');
  });

  test('stays silent while it loads', async () => {
    const { place } = draw(thread({}, { isLoading: true }));
    await act(() => void vi.advanceTimersByTime(1_000));
    expect(log(place).getAttribute('role')).not.toBe('log');
    expect(log(place).getAttribute('aria-busy')).toBe('true');
  });

  test('stays silent while older messages are put in above', async () => {
    let loaded: () => void = () => {};
    const onEarlier = () => new Promise<void>((resolve) => (loaded = resolve));
    const { place } = draw(thread({ messages: [message(9)] }, { hasEarlier: true, onEarlier }));
    await act(() => void vi.advanceTimersByTime(50));
    await click(button(place, 'Show earlier messages'));
    expect(log(place).getAttribute('aria-live')).toBe('off');
    await act(async () => loaded());
    expect(log(place).getAttribute('aria-live')).toBe('off');
    await act(() => void vi.advanceTimersByTime(100));
    expect(log(place).getAttribute('aria-live')).toBe('polite');
  });

  test('offers another try when older messages did not come', async () => {
    let tries = 0;
    const onEarlier = () => {
      tries += 1;
      return Promise.reject(new Error('offline'));
    };
    const { place } = draw(thread({}, { hasEarlier: true, onEarlier }));
    await click(button(place, 'Show earlier messages'));
    await click(button(place, 'Could not load them. Try again'));
    expect(tries).toBe(2);
  });

  test('what stands above the first message is shown when nothing is earlier', () => {
    const top = <p>Stored for 90 days.</p>;
    expect(draw(thread({}, { top })).place.textContent).toContain('Stored for 90 days.');
    expect(draw(thread({}, { top, hasEarlier: true })).place.textContent).not.toContain('Stored');
  });
});

describe('a message', () => {
  test('is text, whatever it holds', () => {
    const body = '<img src=x onerror=alert(1)><script>alert(2)</script>&amp;';
    const { place } = draw(thread({ messages: [message(1, { body })] }));
    expect(get(place, '.bubble').textContent).toBe(body);
    expect(place.querySelectorAll('img, script')).toHaveLength(0);
  });

  test('finds its own direction', () => {
    const { place } = draw(thread({ messages: [message(1, { body: 'مرحبًا' })] }));
    expect(get(place, '.bubble').getAttribute('dir')).toBe('auto');
  });

  test('links to web pages safely, and to nothing else', () => {
    const body = 'https://shop.example/a javascript:alert(1) ana@shop.example';
    const { place } = draw(thread({ messages: [message(1, { body })] }));
    const links = [...place.querySelectorAll<HTMLAnchorElement>('.bubble a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual([
      'https://shop.example/a',
      'mailto:ana@shop.example',
    ]);
    for (const link of links) {
      expect(link.getAttribute('target')).toBe('_blank');
      expect(link.getAttribute('rel')?.split(' ').sort()).toEqual(['nofollow', 'noopener', 'noreferrer']);
    }
    expect(get(place, '.bubble').textContent).toBe(body);
  });

  test('says for those who hear who wrote it, and below a run who and when', () => {
    const messages = [message(1), message(2), message(3, { author: operator })];
    const { place } = draw(thread({ messages }, { namesOwn: true }));
    expect(texts(place, '.message > .visually-hidden')).toEqual([
      'Ana Beridze wrote:',
      'Ana Beridze wrote:',
      'You wrote:',
    ]);
    const metas = texts(place, '.message-meta');
    expect(metas).toHaveLength(2);
    expect(metas[0]).toMatch(/^Ana Beridze · \d\d:\d\d$/);
    expect(metas[1]).toMatch(/^You · \d\d:\d\d · Sent$/);
  });

  test('an end-user does not read their own name', () => {
    const { place } = draw(thread({ messages: [message(1)], me: endUser }));
    expect(texts(place, '.message-meta')[0]).toMatch(/^\d\d:\d\d · Sent$/);
  });

  test('is read when the other side has come that far', () => {
    const messages = [message(1, { author: operator })];
    expect(texts(draw(thread({ messages, readSeq: 1 })).place, '.message-meta')[0]).toContain('Read');
    expect(texts(draw(thread({ messages, readSeq: 0 })).place, '.message-meta')[0]).toContain('Sent');
  });

  test('says that it was changed or deleted', () => {
    const messages = [
      message(1, { edited_at: message(1).created_at }),
      message(2, { author: operator, body: '', deleted_at: message(1).created_at }),
    ];
    const { place } = draw(thread({ messages }));
    expect(texts(place, '.message-meta')[0]).toContain('Edited');
    expect(get(place, '.bubble-deleted').textContent).toBe('This message was deleted');
  });

  test('carries its files, each with a download', async () => {
    const file = {
      id: 'f',
      name: 'a.pdf',
      content_type: 'application/pdf',
      size: 184_320,
      width: null,
      height: null,
    };
    const onDownload = vi.fn();
    const { place } = draw(
      thread({ messages: [message(1, { kind: 'files', body: '', attachments: [file] })] }, { onDownload }),
    );
    expect(place.querySelector('.bubble')).toBeNull();
    expect(get(place, '.file-state').textContent).toBe('184 kB');
    await click(button(place, 'Download a.pdf'));
    expect(onDownload).toHaveBeenCalledWith(file);
  });
});

describe('what did not go', () => {
  test('says so with the reason, and can be retried or discarded', async () => {
    const asked: string[] = [];
    const { place } = draw(
      thread(
        { outgoing: [outgoing({ failure: 'too_large' })] },
        { onRetry: (key) => asked.push(`retry ${key}`), onDiscard: (key) => asked.push(`discard ${key}`) },
      ),
    );
    expect(place.textContent).toContain('Not sent. It is too large.');
    await click(button(place, 'Retry'));
    await click(button(place, 'Discard'));
    expect(asked).toEqual(['retry pending', 'discard pending']);
  });

  test('one that only waits can be retried, not lost', () => {
    const { place } = draw(thread({ outgoing: [outgoing({ state: 'waiting', failure: 'offline' })] }));
    expect(place.textContent).toContain('Not sent yet.');
    expect(button(place, 'Retry')).toBeTruthy();
    expect(() => button(place, 'Discard')).toThrow();
  });

  test('one on its way offers nothing', () => {
    const { place } = draw(thread({ outgoing: [outgoing({ state: 'sending' })] }));
    expect(texts(place, '.message-meta')[0]).toContain('Sending');
    expect(() => button(place, 'Retry')).toThrow();
  });
});

describe('between messages', () => {
  test('a note says that only the team sees it', () => {
    const colleague = { ...operator, id: 'luka', name: 'Luka' };
    const notes = [note(1, { author: colleague, body: 'Second reschedule' }), note(2, { author: operator })];
    const { place } = draw(thread({ notes }));
    expect(texts(place, '.note-head')[0]).toContain('Note by Luka, only your team sees it');
    expect(texts(place, '.note-head')[1]).toContain('Your note, only your team sees it');
    expect(texts(place, '.note-body')[0]).toBe('Second reschedule');
  });

  test('a change of state is told in words, with who did it', () => {
    const messages = [
      message(1, { kind: 'system', author: nobody, body: 'closed' }),
      message(2, { kind: 'system', author: operator, body: 'reopened' }),
    ];
    const [closed, reopened] = texts(draw(thread({ messages })).place, '.thread-system');
    expect(closed).toMatch(/^The conversation was closed · /);
    expect(reopened).toMatch(/^Nino Kapanadze opened the conversation again · /);
  });

  test('days are named', () => {
    const at = (day: number) => new Date(2026, 10, day, 12).toISOString();
    const messages = [message(1, { created_at: at(22) }), message(2, { created_at: at(23) })];
    expect(texts(draw(thread({ messages })).place, '.thread-day')).toEqual(['Yesterday', 'Today']);
  });
});

describe('typing', () => {
  const spoken = (place: HTMLElement) => get(place, '.typing [role=status]').textContent;

  test('is shown as long as it lasts and spoken once until the next message', async () => {
    const content = { messages: [message(1)] };
    const items = itemsOf(content);
    const { place, again } = draw(thread(content, { items, typists: [operator] }));
    expect(get(place, '.typing').textContent).toContain('Nino Kapanadze is typing');
    expect(spoken(place)).toBe('Nino Kapanadze is typing');
    again(thread(content, { items, typists: [] }));
    expect(spoken(place)).toBe('');
    again(thread(content, { items, typists: [operator] }));
    expect(get(place, '.typing [aria-hidden]').textContent).toContain('is typing');
    expect(spoken(place)).toBe('');

    const more = { messages: [message(1), message(2)] };
    again(thread(more, { typists: [] }));
    again(thread(more, { typists: [operator] }));
    expect(spoken(place)).toBe('Nino Kapanadze is typing');
  });

  test('several are counted', () => {
    const { place } = draw(thread({}, { typists: [operator, { ...operator, id: 'luka' }] }));
    expect(get(place, '.typing').textContent).toContain('2 people are typing');
  });
});

describe('being seen', () => {
  test('is told with the newest position, once', () => {
    const seen: number[] = [];
    const onSeen = (seq: number) => seen.push(seq);
    const { again } = draw(thread({ messages: [message(1), message(2)] }, { onSeen }));
    again(thread({ messages: [message(1), message(2)] }, { onSeen }));
    again(thread({ messages: [message(1), message(2), message(3)] }, { onSeen }));
    expect(seen).toEqual([2, 3]);
  });

  test('is not told of a thread that is out of sight, and is when it comes back', () => {
    const seen: number[] = [];
    const onSeen = (seq: number) => seen.push(seq);
    const { again } = draw(thread({ messages: [message(1)] }, { onSeen, isActive: false }));
    expect(seen).toEqual([]);
    again(thread({ messages: [message(1)] }, { onSeen, isActive: true }));
    expect(seen).toEqual([1]);
  });

  test('is not told by a hidden tab', async () => {
    const seen: number[] = [];
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    draw(thread({ messages: [message(1)] }, { onSeen: (seq) => seen.push(seq) }));
    expect(seen).toEqual([]);
    hidden.mockReturnValue(false);
    await act(() => void document.dispatchEvent(new Event('visibilitychange')));
    expect(seen).toEqual([1]);
  });
});

describe('drawing again', () => {
  test('leaves rows that did not change alone', () => {
    let drawn = 0;
    const extraOf = () => {
      drawn += 1;
      return null;
    };
    const messages = Array.from({ length: 30 }, (_, index) => message(index + 1));
    const { again } = draw(thread({ messages }, { extraOf }));
    expect(drawn).toBe(30);
    again(thread({ messages: [...messages, message(31)] }, { extraOf }));
    // The new one, and the one before it, which no longer ends the run.
    expect(drawn).toBe(32);
  });

  test('a stored message takes the place of the one that was on its way', () => {
    const { place, again } = draw(thread({ outgoing: [outgoing({ state: 'sending' })] }));
    const before = get(place, '.message');
    again(thread({ messages: [message(1, { author: operator, client_id: 'pending', body: 'soon' })] }));
    expect(get(place, '.message')).toBe(before);
    expect(place.querySelectorAll('.message')).toHaveLength(1);
  });
});
