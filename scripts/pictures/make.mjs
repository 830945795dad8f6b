// Writes docs/pictures/*.svg: real frames of the built program in practice. `--text` prints them as text instead.
// `--size 80x24` sets the terminal's size.
import { build } from 'esbuild';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileFunction } from 'node:vm';
import '../ensure-built.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '100x32' },
    text: { type: 'boolean' },
    out: { type: 'string' },
  },
});
const [columns = 100, rows = 32] = values.size.split('x').map(Number);
const out = values.out ?? join(root, 'docs/pictures');

/** The walk is TypeScript: bundled in memory, its packages taken from node_modules. */
async function loadWalk() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['scripts/pictures/walk.ts'],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  const module = { exports: {} };
  compileFunction(outputFiles[0].text, ['module', 'exports', 'require'])(
    module,
    module.exports,
    createRequire(import.meta.url),
  );
  return module.exports;
}

// A home of nobody in particular: its path is seen on the last screen. It must not be there yet: it goes afterwards.
const home = '/tmp/oncall';
await mkdir(home);
try {
  const { walkThroughPractice } = await loadWalk();
  const pictures = await walkThroughPractice({ root, home, columns, rows });
  if (!values.text) await mkdir(out, { recursive: true });
  for (const { name, svg, text } of pictures) {
    if (values.text) process.stdout.write(`--- ${name}\n${text}\n`);
    else await writeFile(join(out, `${name}.svg`), svg);
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
