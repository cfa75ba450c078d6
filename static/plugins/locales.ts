import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

type Catalogue = Record<string, string>;
const prefix = 'locale:';

function fileOf(side: string, locale: string): string {
  return `static/src/${side}/locales/${locale}.json`;
}

function read(path: string): Catalogue {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Catalogue) : {};
}

/**
 * `import('locale:widget/de')` gives one flat catalogue: the shared components' texts and that side's own.
 * One file for each language and side, so that opening the widget costs one request.
 */
export function localeModules(): Plugin {
  return {
    name: 'locale-modules',
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null;
      const [side = '', locale = ''] = id.slice(prefix.length + 1).split('/');
      const files = [fileOf('ui', locale), fileOf(side, locale)];
      for (const file of files) if (existsSync(file)) this.addWatchFile(resolve(file));
      return `export default ${JSON.stringify(Object.assign({}, ...files.map(read)))}`;
    },
  };
}
