import { afterEach, expect, test } from 'vitest';
import { readToPage } from '../../../static/src/widget/frame_protocol';

afterEach(() => {
  Reflect.deleteProperty(Object.prototype, 'value');
  Reflect.deleteProperty(Object.prototype, 'type');
});

const messages = [
  { type: 'ready', value: null },
  { type: 'close', value: null },
  { type: 'unread', value: 3 },
  { type: 'known', value: true },
  { type: 'locale', value: 'ka' },
  { type: 'identity.wanted', value: null },
  { type: 'forgotten', value: null },
  { type: 'event', value: { name: 'consent', data: { accepted: true } } },
];

test.each(messages)('$type is heard', (message) => {
  expect(readToPage(message)).toBe(message);
});

test.each(messages)('$type with a value of another kind is dropped', (message) => {
  for (const value of ['x', 1, true, {}, undefined]) {
    if (typeof value !== typeof message.value) expect(readToPage({ ...message, value })).toBeNull();
  }
});

test.each([
  ['nothing', null],
  ['undefined', undefined],
  ['a text', 'ready'],
  ['a list', [{ type: 'ready', value: null }]],
  ['no type', { value: null }],
  ['an unknown type', { type: 'eval', value: null }],
  ["a name of every object's", { type: 'constructor', value: () => {} }],
  ['the prototype', { type: '__proto__', value: {} }],
  ['no value', { type: 'ready' }],
])('%s is dropped', (_, message) => {
  expect(readToPage(message)).toBeNull();
});

test('what a page hung on every object does not fill a message', () => {
  Object.defineProperty(Object.prototype, 'value', { value: 7, configurable: true });
  Object.defineProperty(Object.prototype, 'type', { value: 'unread', configurable: true });
  expect(readToPage({ type: 'unread' })).toBeNull();
  expect(readToPage({ value: 7 })).toBeNull();
});
