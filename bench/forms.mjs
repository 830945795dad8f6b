// Step 1 on a large table: in each of backout's forms, and by psql as it is written, in turn.
// node bench/forms.mjs [--rows 1000000] [--pairs 3] [--edition shipped|first] [--only FORM,…] [--traffic] [--actions]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { documentIn, openStep } from './support/by-backout.mjs';
import { openPsql } from './support/by-psql.mjs';
import { printActions, printForms, printTraffic } from './support/forms-table.mjs';
import { root } from './support/load.mjs';
import { metered, withTraffic } from './support/meter.mjs';
import { startServer } from './support/server.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '3' },
    edition: { type: 'string', default: 'shipped' },
    only: { type: 'string' },
    traffic: { type: 'boolean', default: false },
    actions: { type: 'boolean', default: false },
  },
});

/** psql keeps nothing: what backout keeps is an extra that copy-and-swap alone gets for nothing. */
const VARIANTS = [
  { name: 'copy-and-swap', form: 'copy-and-swap', withoutArchive: false },
  { name: 'rewrite', form: 'rewrite', withoutArchive: false },
  { name: 'rewrite-bare', form: 'rewrite', withoutArchive: true },
  { name: 'as-written', form: 'as-written', withoutArchive: false },
  { name: 'as-written-bare', form: 'as-written', withoutArchive: true },
];
const only = options.only?.split(',') ?? VARIANTS.map(({ name }) => name);
const unknown = only.filter((name) => !VARIANTS.some((one) => one.name === name));
if (unknown.length > 0)
  throw new Error(`no such form: ${unknown.join(', ')}; ${VARIANTS.map(({ name }) => name)}`);
const variants = VARIANTS.filter(({ name }) => only.includes(name));

const EDITIONS = {
  shipped: { file: join('runbooks', '20250101000014-align-schema-table-names.md'), oneTransaction: true },
  first: { file: join('test', 'fixtures', 'ROLLBACK_PROCEDURE.md'), oneTransaction: false },
};
const edition = EDITIONS[options.edition];
if (!edition) throw new Error(`no such edition: ${options.edition}`);
const document = await documentIn(join(root, edition.file));
const psqlStatements = edition.oneTransaction
  ? ['BEGIN', ...document.statements, 'COMMIT']
  : document.statements;

const began = performance.now();
const server = await startServer({ rows: Number(options.rows), technologies: 60 });

const urlOf = (database) => server.cluster.url(database);

/** Order-independent, and the same for two tables with the same columns in the same order. */
async function contents(database) {
  const client = await server.connected(database);
  const sql = "SELECT count(*) || ' ' || sum(hashtextextended(t::text, 0)) AS hash FROM detection_events t";
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows[0].hash;
}

const byPsql = (work) =>
  server.onCopy(async (database) => {
    const psql = await openPsql(server, database);
    try {
      return await work({ database, pid: psql.pid, run: () => psql.run(psqlStatements) });
    } finally {
      await psql.close();
    }
  });

const byBackout = (variant, work) =>
  server.onCopy(async (database) => {
    const step = await openStep(server, database, document, variant, server.cluster.folder);
    try {
      return await work({ database, ...step });
    } finally {
      await step.close();
    }
  });

async function costs({ database, pid, run, looking }) {
  let closedAtMost = NaN;
  const cost = await metered(server, database, pid, async () => {
    const done = await run();
    if (typeof done === 'number') return done;
    closedAtMost = done.closedAtMost;
    return done.seconds;
  });
  return { ...cost, closedAtMost, looking, contents: await contents(database) };
}

const traffic = ({ database, run }) => withTraffic(urlOf(database), () => run());

async function actions({ run }) {
  const seen = [];
  const { seconds } = await run((action) => seen.push(action));
  return { seconds, seen };
}

/** Each form runs right before or after a run of psql, which two of them share. */
async function pair(backwards) {
  const results = new Map();
  for (let at = 0; at < variants.length; at += 2) {
    let psql;
    const [first, second] = variants.slice(at, at + 2);
    const ours = (variant) => async () =>
      variant && results.set(variant.name, await byBackout(variant, costs));
    const turns = [ours(first), async () => (psql = await byPsql(costs)), ours(second)];
    for (const turn of backwards ? turns.reverse() : turns) await turn();
    for (const variant of [first, second])
      if (variant) results.set(variant.name, { ours: results.get(variant.name), psql });
  }
  return results;
}

try {
  console.log(`${options.rows} rows made in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const pairs = [];
  for (let number = 0; number < Number(options.pairs); number += 1) pairs.push(await pair(number % 2 === 1));
  if (pairs.length > 0) printForms(variants, pairs);
  if (options.traffic) {
    const rows = [['psql', await byPsql(traffic)]];
    for (const variant of variants) rows.push([variant.name, await byBackout(variant, traffic)]);
    printTraffic(rows);
  }
  if (options.actions)
    for (const variant of variants) printActions(variant.name, await byBackout(variant, actions));
} finally {
  await server.stop();
}
