import type { Plugin } from 'vite';

const helper = '\0vite/preload-helper.js';

/**
 * Leaves `import()` to the browser. Vite wraps it in a kilobyte that fetches a chunk's styles first; here no lazy
 * chunk has styles of its own, and the build breaks when one gets some.
 */
export function plainImports(): Plugin {
  return {
    name: 'plain-imports',
    enforce: 'pre',
    load: (id) => (id === helper ? 'export const __vitePreload = (load) => load();' : null),
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        const isLazy = chunk.type === 'chunk' && chunk.isDynamicEntry;
        if (isLazy && chunk.viteMetadata?.importedCss.size) {
          throw new Error(
            `${chunk.fileName} has styles of its own: let its entry bring them, or drop plainImports`,
          );
        }
      }
    },
  };
}
