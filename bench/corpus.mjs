// What backout understands of real down migrations: counts alone, no text of theirs.
// node bench/corpus.mjs FOLDER [--json] [--top 30] [--examples]
// FOLDER holds a folder for each project. --examples adds, for oneself, where each reason first stands.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { measureFile, prepare } from './support/corpus-file.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    top: { type: 'string', default: '30' },
    examples: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Name the folder that holds the projects.');

/** Every file that may be a migration, in order of its path. */
function filesIn(path) {
  return readdirSync(path, { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const below = join(path, entry.name);
      if (entry.isDirectory()) return filesIn(below);
      return /\.(sql|exs)$/.test(entry.name) ? [below] : [];
    });
}

const empty = () => ({
  projects: new Set(),
  files: 0,
  unparsed: 0,
  whole: 0,
  statements: 0,
  understood: 0,
  positioned: 0,
  undone: 0,
});
const total = empty();
const formats = new Map();
const reasons = new Map();
const examples = new Map();
const skipped = new Map();
const count = (map, key, by = 1) => map.set(key, (map.get(key) ?? 0) + by);

await prepare();
for (const project of readdirSync(folder).sort()) {
  const root = join(folder, project);
  if (!statSync(root).isDirectory()) continue;
  for (const path of filesIn(root)) {
    const text = readFileSync(path, 'utf8').replace(/\r\n?/g, '\n');
    const found = await measureFile(path, text);
    if (found.skipped) {
      count(skipped, found.skipped);
      continue;
    }
    if (!formats.has(found.format)) formats.set(found.format, empty());
    for (const sum of [total, formats.get(found.format)]) {
      sum.projects.add(project);
      sum.files += 1;
      if (found.syntax) sum.unparsed += 1;
      else if (found.statements.every((one) => one.reasons.length === 0)) sum.whole += 1;
      sum.statements += found.statements.length;
      for (const key of ['understood', 'positioned', 'undone'])
        sum[key] += found.statements.filter((one) => one[key]).length;
    }
    if (found.syntax) found.statements.push({ reasons: ['the file does not parse'] });
    for (const one of found.statements) {
      for (const reason of new Set(one.reasons)) {
        count(reasons, reason);
        if (!examples.has(reason)) examples.set(reason, `${relative(folder, path)}:${one.line ?? 1}`);
      }
    }
  }
}

const share = (part, whole) => (whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(1)} %)`);
const row = (name, sum) => {
  const of = (part) => `${part}${share(part, sum.statements)}`;
  const cells = [
    name,
    sum.projects.size,
    sum.files,
    sum.statements,
    of(sum.understood),
    of(sum.positioned),
    of(sum.undone),
    `${sum.whole}${share(sum.whole, sum.files)}`,
    sum.unparsed,
  ];
  return `| ${cells.join(' | ')} |`;
};
const plain = (sum) => ({ ...sum, projects: sum.projects.size });
const ranked = [...reasons].sort((one, other) => other[1] - one[1]).slice(0, Number(options.top));

if (options.json) {
  const byFormat = Object.fromEntries([...formats].map(([name, sum]) => [name, plain(sum)]));
  console.log(
    JSON.stringify(
      { total: plain(total), byFormat, skipped: Object.fromEntries(skipped), reasons: ranked },
      null,
      2,
    ),
  );
} else {
  console.log(
    '| format | projects | files | statements | understood | positioned | undone | files understood whole | files that do not parse |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, sum] of [...formats].sort((one, other) => other[1].files - one[1].files))
    console.log(row(name, sum));
  console.log(row('all', total));
  console.log(`\nLeft out: ${[...skipped].map(([why, files]) => `${why} ${files}`).join(', ')}`);
  console.log('\nNot understood, by reason:');
  for (const [reason, times] of ranked)
    console.log(
      `${String(times).padStart(5)}  ${reason}${options.examples ? `   ${examples.get(reason)}` : ''}`,
    );
}
