// @vitest-environment node
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { Window } from 'happy-dom';
import { beforeAll, expect, test } from 'vitest';
import { bundle } from '../../../static/plugins/loader';
import { config } from './samples';

let code = '';

beforeAll(async () => {
  code = await bundle('static/src/widget/loader.ts', ['chrome123', 'firefox120', 'safari17.5']);
});

/** A page that runs `script`, with nothing else on it. */
function run(script: string): { document: Document; added: string[] } {
  const window = new Window({ url: 'https://shop.example/' });
  const context = createContext(window);
  Object.defineProperty(window, 'isSecureContext', { value: true });
  const before = new Set(Object.getOwnPropertyNames(window));
  runInContext(script, context);
  const added = Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
  return { document: window.document as unknown as Document, added };
}

test('the loader is at most 5 kB compressed', () => {
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(5000);
});

test("wrapped as the server does it, it takes the server's configuration", () => {
  const { document, added } = run(`(function(livecallerConfig){${code}})(${JSON.stringify(config)});`);
  expect(document.querySelector('livecaller-widget')).not.toBeNull();
  expect(added).toEqual(['LiveCaller']);
});

test('alone and without a widget it draws nothing and leaves one global', () => {
  const { document, added } = run(code);
  expect(document.querySelector('livecaller-widget')).toBeNull();
  expect(added).toEqual(['LiveCaller']);
});

test('it uses no syntax newer than 2020, and makes no code or markup of text', () => {
  expect(code).not.toMatch(/\?\?=|\|\|=|&&=|static\s*\{/);
  expect(code).not.toMatch(/\beval\b|new Function|innerHTML|document\.write/);
});
