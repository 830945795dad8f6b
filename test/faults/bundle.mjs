// Runs a TypeScript program of the tests under Node 20: bundled into one file, packages from node_modules.
import { build } from 'esbuild';
import { mkdir, readFile } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Each file goes on believing that it lies where it lay. */
const ownAddress = {
  name: 'own-address',
  setup(context) {
    context.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }));
  },
};

/**
 * @param {string} entry path from the root
 * @returns {Promise<string>} the bundle's path
 */
export async function bundled(entry) {
  const folder = join(root, 'node_modules/.cache/backout');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${process.pid}-faults.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    plugins: [ownAddress],
    logLevel: 'warning',
  });
  return outfile;
}
