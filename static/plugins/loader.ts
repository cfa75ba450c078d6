import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';

/** Old enough to be parsed by every browser that still opens shops: one that is too old must fail quietly. */
const target = 'es2020';

/** The loader as one classic script; breaks the build when it would need a second file. */
export async function bundle(entry: string, cssTarget: string | string[]): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      target,
      cssTarget,
      write: false,
      rolldownOptions: { input: entry, output: { format: 'iife', entryFileNames: 'loader.js' } },
    },
  });
  if (Array.isArray(built) || !('output' in built)) throw new Error('the loader did not build');
  const [chunk, ...rest] = built.output;
  if (rest.length > 0 || chunk.imports.length > 0) throw new Error('the loader must stay one file');
  return chunk.code;
}

async function write(directory: string, code: string): Promise<void> {
  const digest = createHash('sha384').update(code).digest();
  const hashed = `loader-${digest.toString('hex').slice(0, 12)}.js`;
  const record = { file: 'loader.js', hashed, integrity: `sha384-${digest.toString('base64')}` };
  await mkdir(directory, { recursive: true });
  await Promise.all([
    writeFile(join(directory, record.file), code),
    writeFile(join(directory, hashed), code),
    writeFile(join(directory, 'loader.json'), `${JSON.stringify(record)}\n`),
  ]);
}

/**
 * The script of the customer's page: one classic file without imports.
 * Writes loader.js, the same under a name that holds its hash, and loader.json {file, hashed, integrity}.
 */
export function loader(entry: string): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'loader',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved;
    },
    async writeBundle() {
      await write(config.build.outDir, await bundle(entry, config.build.cssTarget || target));
    },
  };
}
