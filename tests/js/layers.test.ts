import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = 'static/src';
/** What each folder may import, besides itself. */
const below: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ui: ['core'],
  widget: ['core', 'ui', 'styles'],
  dashboard: ['core', 'ui', 'styles'],
  '': ['ui', 'styles'],
};
const packages: Readonly<Record<string, RegExp>> = {
  core: /^$/,
  ui: /^(preact|@preact\/signals|lucide:)/,
  widget: /^(preact|@preact\/signals|lucide:|locale:)/,
  dashboard: /^(preact|@preact\/signals|lucide:|locale:)/,
  '': /^$/,
};

const files = globSync(`${root}/**/*.{ts,tsx}`).filter((file) => !file.endsWith('.d.ts'));
const layerOf = (path: string) => (path.includes('/') ? (path.split('/')[0] ?? '') : '');

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const statement = /(?:^import (?:[^'\n]*from )?|^(?:export [^'\n]*|\}) from |\bimport\()'([^']+)'/gm;
  return [...text.matchAll(statement)].map(([, name = '']) => name);
}

test('there are files and imports to look at', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(importsOf(`${root}/ui/Thread.tsx`)).toEqual(
    expect.arrayContaining(['lucide:arrow-down', 'preact', './scroll', '../core/timeline']),
  );
});

describe.each(files)('%s', (file) => {
  const path = file.slice(root.length + 1);
  const layer = layerOf(path);

  test('imports only what lies below it', () => {
    for (const name of importsOf(file)) {
      if (!name.startsWith('.')) {
        expect(name).toMatch(packages[layer] ?? /^$/);
        continue;
      }
      const target = layerOf(normalize(join(dirname(path), name)));
      expect([layer, ...(below[layer] ?? [])], `${name} in ${file}`).toContain(target);
    }
  });

  test('writes no markup into the page and leaves no loose end', () => {
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|\beval\(/,
    );
    expect(text).not.toMatch(/@ts-ignore|@ts-expect-error|: any\b|<any>|\bTODO\b/);
  });
});

test('the lock names no registry and the settings are those of a careful install', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
  const settings = readFileSync('.npmrc', 'utf8').trim().split('\n').sort();
  expect(settings).toEqual([
    'audit=false',
    'engine-strict=true',
    'fund=false',
    'ignore-scripts=true',
    'omit-lockfile-registry-resolved=true',
    'save-exact=true',
  ]);
  const { devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  expect(dependencies).toBeUndefined();
  for (const version of Object.values(devDependencies ?? {})) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
