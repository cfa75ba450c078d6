import { describe, expect, test } from 'vitest';
import { actionOf, isField, type KeyPress } from '../../../static/src/dashboard/keyboard';

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : '',
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    isComposing: false,
    repeat: false,
    ...more,
  };
}

describe('actionOf', () => {
  test.each([
    ['/', 'search'],
    ['j', 'next'],
    ['k', 'previous'],
    ['r', 'reply'],
    ['n', 'note'],
    ['a', 'assign'],
    ['t', 'transfer'],
    ['e', 'close'],
    ['?', 'help'],
    ['Escape', 'back'],
  ])('%s asks for %s', (key, action) => {
    expect(actionOf(press(key), true)).toBe(action);
  });

  test('a letter counts as it is printed, so AZERTY has its own J to E', () => {
    // On AZERTY the key in the place of Q is printed A.
    expect(actionOf(press('a', { code: 'KeyQ' }), true)).toBe('assign');
    expect(actionOf(press('q', { code: 'KeyA' }), true)).toBeNull();
  });

  test.each([
    ['რ', 'KeyR', 'reply'],
    ['ن', 'KeyK', 'previous'],
    ['т', 'KeyN', 'note'],
  ])('without Latin letters the place of %s counts', (key, code, action) => {
    expect(actionOf(press(key, { code }), true)).toBe(action);
  });

  test('signs that need Shift or AltGr on a layout work there', () => {
    expect(actionOf(press('?', { shiftKey: true }), true)).toBe('help');
    expect(actionOf(press('/', { shiftKey: true, code: 'Digit7' }), true)).toBe('search');
  });

  test('single keys can be switched off, Escape cannot', () => {
    for (const key of ['/', 'j', 'e', '?']) expect(actionOf(press(key), false)).toBeNull();
    expect(actionOf(press('Escape'), false)).toBe('back');
  });

  test.each([
    ['Ctrl', { ctrlKey: true }],
    ['Command', { metaKey: true }],
    ['Alt', { altKey: true }],
    ['Shift', { shiftKey: true }],
    ['a running composition', { isComposing: true }],
  ])('with %s a letter is not a shortcut', (_name, more) => {
    expect(actionOf(press('e', more), true)).toBeNull();
  });

  test('only moving repeats while a key is held', () => {
    expect(actionOf(press('j', { repeat: true }), true)).toBe('next');
    expect(actionOf(press('e', { repeat: true }), true)).toBeNull();
    expect(actionOf(press('?', { repeat: true }), true)).toBeNull();
  });
});

describe('isField', () => {
  test.each([
    ['<input type="text">', true],
    ['<textarea></textarea>', true],
    ['<select></select>', true],
    ['<div contenteditable="true"></div>', true],
    ['<input type="checkbox">', false],
    ['<button></button>', false],
    ['<a href="#"></a>', false],
  ])('%s: %s', (markup, expected) => {
    const page = new DOMParser().parseFromString(markup, 'text/html');
    expect(isField(page.body.firstElementChild)).toBe(expected);
  });

  test('the page itself is none', () => {
    expect(isField(document)).toBe(false);
    expect(isField(null)).toBe(false);
  });
});
