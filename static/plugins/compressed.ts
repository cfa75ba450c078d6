import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Plugin, ResolvedConfig } from 'vite';

const texts = /\.(?:css|js|svg)$/;

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  await Promise.all([
    writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 })),
    writeFile(`${path}.br`, await promisify(brotliCompress)(content)),
  ]);
}

/** Lays `name.gz` and `name.br` beside every built text: the server sends them as they are, on one's own machine too. */
export function compressed(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved;
    },
    // When all bundles are written, those of other plugins included.
    async closeBundle() {
      const { outDir } = config.build;
      const files = await readdir(outDir, { recursive: true });
      await Promise.all(files.filter((file) => texts.test(file)).map((file) => compress(join(outDir, file))));
    },
  };
}
