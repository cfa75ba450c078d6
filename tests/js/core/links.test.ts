import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitLinks } from '../../../static/src/core/links';

const linksIn = (text: string) =>
  splitLinks(text).flatMap(({ text: shown, href }) => (href ? [[shown, href]] : []));

describe('what becomes a link', () => {
  test.each([
    ['see https://shop.example/a?b=c#d now', 'https://shop.example/a?b=c#d', 'https://shop.example/a?b=c#d'],
    ['http://shop.example', 'http://shop.example', 'http://shop.example/'],
    ['HTTPS://SHOP.example/A', 'HTTPS://SHOP.example/A', 'https://shop.example/A'],
    ['www.shop.example/x', 'www.shop.example/x', 'https://www.shop.example/x'],
    ['write to ana@shop.example.', 'ana@shop.example', 'mailto:ana@shop.example'],
    ['mailto:ana@shop.example', 'mailto:ana@shop.example', 'mailto:ana@shop.example'],
    ['(https://shop.example/a)', 'https://shop.example/a', 'https://shop.example/a'],
    [
      'https://en.example/wiki/Sofa_(seat)',
      'https://en.example/wiki/Sofa_(seat)',
      'https://en.example/wiki/Sofa_(seat)',
    ],
    ['https://shop.example/a.', 'https://shop.example/a', 'https://shop.example/a'],
    ['https://shop.example/a?!', 'https://shop.example/a', 'https://shop.example/a'],
  ])('%s', (text, shown, href) => {
    expect(linksIn(text)).toEqual([[shown, href]]);
  });

  test('several in one text', () => {
    expect(linksIn('https://a.example and https://b.example')).toHaveLength(2);
  });
});

test.each([
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'ftp://shop.example',
  'https://',
  'http:// shop.example',
  'mailto:',
  'mailto:ana@shop.example?bcc=all@shop',
  'mailto:ana@shop.example%0d%0aBcc:all@shop',
  '@shop.example',
  'a @ b',
  'order 48213',
])('%s is no link', (text) => {
  expect(linksIn(text)).toEqual([]);
});

test.each(['\u202e', '\u202d', '\u2067', '\u200f', '\u061c'])(
  'a link ends where a sign turns the direction',
  (sign) => {
    expect(linksIn(`https://shop.example/${sign}gpj.exe`)).toEqual([
      ['https://shop.example/', 'https://shop.example/'],
    ]);
  },
);

test('nothing of a text is lost, and no address is of another kind', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom('https://', 'www.', 'javascript:', 'mailto:', '@', 'a.b', ')', '(', ' ', '<', '"'),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.join('');
      const pieces = splitLinks(text);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      for (const { href } of pieces) if (href !== null) expect(href).toMatch(/^(https?:\/\/[^/]|mailto:)/i);
    }),
  );
});
