// The program's own sources, for scripts in plain JavaScript: Node 20 reads no TypeScript.
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * All that the files export, bundled in memory; packages come from node_modules.
 * @param {string[]} files paths from the root
 */
export async function loadTypeScript(files) {
  const contents = files.map((file) => `export * from ${JSON.stringify(`./${file}`)};`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0].text, ['module', 'exports', 'require']);
  run(module, module.exports, createRequire(join(root, 'package.json')));
  return module.exports;
}
