// The program's own sources and the tests' servers, for scripts in plain JavaScript: Node 20 reads no TypeScript.
import { build } from 'esbuild';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Below node_modules, so that the packages, which stay outside of the bundle, are found from there. */
const cache = join(root, 'node_modules', '.cache');

/**
 * Bundles the files into one module in a temporary folder, imports it, and returns all that they export.
 * @param {string[]} files paths from the root
 */
export async function load(files) {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'backout-bench-'));
  const outfile = join(folder, 'loaded.mjs');
  const contents = files.map((file) => `export * from ${JSON.stringify(`./${file}`)};`).join('\n');
  try {
    await build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
