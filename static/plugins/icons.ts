import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

type Shape = [tag: string, attributes: Record<string, string>][];

const prefix = 'lucide:';

/** The elements inside one icon's file, in painting order. */
function shapeOf(name: string): Shape {
  const drawing = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, 'utf8');
  const inner = drawing.slice(drawing.indexOf('>', drawing.indexOf('<svg')) + 1);
  return [...inner.matchAll(/<(\w+)\s([^>]*?)\s*\/>/g)].map(([, tag = '', attributes = '']) => {
    const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)];
    return [tag, Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value]))];
  });
}

function symbolOf(name: string): string {
  const children = shapeOf(name).map(([tag, attributes]) => {
    const written = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`);
    return `<${[tag, ...written].join(' ')}/>`;
  });
  return `<symbol id="${name}" viewBox="0 0 24 24">${children.join('')}</symbol>`;
}

/** `import phone from 'lucide:phone'` gives the drawing of one icon; an unknown name breaks the build. */
export function iconModules(): Plugin {
  return {
    name: 'icon-modules',
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : null),
    load: (id) =>
      id.startsWith(`\0${prefix}`)
        ? `export default ${JSON.stringify(shapeOf(id.slice(prefix.length + 1)))}`
        : null,
  };
}

/**
 * icons.svg for server-rendered pages: `<svg class="icon"><use href=".../icons.svg#phone"/></svg>`.
 * `list` is a JSON file with the names that the templates use.
 */
export function iconSprite(list: string): Plugin {
  return {
    name: 'icon-sprite',
    generateBundle() {
      const names = JSON.parse(readFileSync(list, 'utf8')) as string[];
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbolOf).join('')}</svg>`;
      this.emitFile({ type: 'asset', fileName: 'icons.svg', source });
    },
  };
}
