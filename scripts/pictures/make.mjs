// Writes docs/pictures/*.svg: real frames of the built program in practice. `--text` prints them as text instead,
// `--size 80x24` sets the terminal's size, `--out FOLDER` another folder.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import '../ensure-built.mjs';
import { loadTypeScript, root } from '../load-typescript.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '100x32' },
    text: { type: 'boolean' },
    out: { type: 'string' },
  },
});
const [columns = 100, rows = 32] = values.size.split('x').map(Number);
const out = values.out ?? join(root, 'docs/pictures');

// A home of nobody in particular: its path is seen on the last screen. It must not be there yet: it goes afterwards.
const home = '/tmp/oncall';
await mkdir(home);
try {
  const { walkThroughPractice } = await loadTypeScript(['scripts/pictures/walk.ts']);
  const pictures = await walkThroughPractice({ root, home, columns, rows });
  if (!values.text) await mkdir(out, { recursive: true });
  for (const { name, svg, text } of pictures) {
    if (values.text) process.stdout.write(`--- ${name}\n${text}\n`);
    else await writeFile(join(out, `${name}.svg`), svg);
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
