import { defineConfig } from 'vitest/config';
import { apart } from './static/plugins/apart.ts';
import { compressed } from './static/plugins/compressed.ts';
import { iconModules, iconSprite } from './static/plugins/icons.ts';
import { loader } from './static/plugins/loader.ts';
import { localeModules } from './static/plugins/locales.ts';
import { plainImports } from './static/plugins/plain_imports.ts';

export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [
    iconModules(),
    localeModules(),
    plainImports(),
    iconSprite('static/src/icons.json'),
    loader('static/src/widget/loader.ts'),
    apart('widget', 'static/src/widget/frame.tsx', () => [iconModules(), localeModules(), plainImports()]),
    compressed(),
  ],
  build: {
    outDir: 'static/dist',
    manifest: 'manifest.json',
    // The first browsers with light-dark(): below them the style sheets would double.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        console: 'static/src/dashboard/console.tsx',
        pages: 'static/src/dashboard/pages/main.ts',
        site: 'static/src/site.ts',
      },
    },
  },
  test: {
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: { name: 'core', environment: 'node', include: ['tests/js/core/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          environment: 'happy-dom',
          include: ['tests/js/**/*.test.{ts,tsx}'],
          exclude: ['tests/js/core/**'],
        },
      },
    ],
  },
});
