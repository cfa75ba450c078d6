import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin, type PluginOption, type ResolvedConfig } from 'vite';

type Manifest = Record<string, object>;

const ownManifest = 'manifest-apart.json';

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, 'utf8')) as Manifest;
}

async function mergeManifests(directory: string, name: string): Promise<void> {
  const [main, added] = [join(directory, name), join(directory, ownManifest)];
  const merged = { ...(await readManifest(main)), ...(await readManifest(added)) };
  await writeFile(main, `${JSON.stringify(merged, null, 2)}\n`);
  await rm(added);
}

/**
 * Builds one entry by itself: one script that holds nothing which only other entries use. It lives on a host of
 * its own, so sharing chunks would save nobody a request. Its files and its manifest lie beside the others'.
 */
export function apart(name: string, entry: string, plugins: () => PluginOption[]): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'apart',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved;
    },
    async writeBundle() {
      const { outDir, target, cssTarget, assetsInlineLimit, manifest } = config.build;
      await build({
        configFile: false,
        logLevel: 'warn',
        base: config.base,
        publicDir: false,
        plugins: plugins(),
        build: {
          outDir,
          emptyOutDir: false,
          target,
          cssTarget,
          assetsInlineLimit,
          manifest: ownManifest,
          modulePreload: false,
          reportCompressedSize: false,
          rolldownOptions: { input: { [name]: entry } },
        },
      });
      if (typeof manifest === 'string') await mergeManifests(outDir, manifest);
    },
  };
}
