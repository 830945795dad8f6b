/** The checklist where nobody answers: probes are asked, --check says the rest, what is open is named afterwards. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notAProbe } from '../../src/checklist/probe.ts';
import { parseRunbook } from '../../src/runbook/read.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { openDesk, type Desk, type Ended } from '../cli/support/io.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';

let desk: Desk;
let database: TestDatabase;

beforeEach(async () => {
  [desk, database] = await Promise.all([openDesk(), freshDatabase()]);
});
afterEach(() => Promise.all([database.drop(), desk.clear()]));

const run = (...more: string[]): Promise<Ended> =>
  desk.run([
    ...['run', '--database', database.url, '--confirm', database.name],
    ...[
      '--choose',
      'rollback',
      '--reason',
      'a test',
      '--accept',
      'privileges',
      '--accept',
      'backup',
      ...more,
    ],
  ]);

interface Item {
  text: string;
  done: boolean;
  note: string;
  checks: { title: string; verdict: string }[];
}

async function report(): Promise<Item[]> {
  const { out } = await desk.run(['report', '--json']);
  return (JSON.parse(out) as { checklist: Item[] }).checklist;
}

const TESTS = 'run-test-suite-mix-test';

describe('a run without an operator', () => {
  it('asks the probes by itself, takes --check for what is known, and leaves the rest open', async () => {
    const { status, out } = await run('--check', `${TESTS}=done:green in CI`);
    expect(status).toBe(0);
    const items = await report();
    expect(items.map(({ done }) => done)).toEqual([false, true, false, false, false, false]);
    expect(items[1]).toMatchObject({ note: 'green in CI' });
    const probed = items.find(({ text }) => text.startsWith('Verify affected features'));
    expect(probed?.checks.length).toBeGreaterThan(3);
    expect(
      probed?.checks.filter(({ title }) => title.includes('can be')).map(({ verdict }) => verdict),
    ).toEqual(['ok', 'ok']);
    expect(out).toContain('Still open: 5 checklist items.');
    const markdown = await desk.run(['report']);
    expect(markdown.out).toContain('- [ ] Check logs for Ecto query errors');
    expect(markdown.out).toMatch(/ {2}- ok: Templates: every entry can be found/);
  });

  it('names what is open in the list of runs, in words and in JSON', async () => {
    await run('--check', `${TESTS}=done`);
    const { out } = await desk.run(['runs']);
    expect(out).toMatch(/Left open by run/);
    expect(out).toContain('Check logs for Ecto query errors');
    expect(out).not.toContain('Run test suite');
    const { out: json } = await desk.run(['runs', '--json']);
    const { runs } = JSON.parse(json) as { runs: { openItems: string[] }[] };
    expect(runs[0]?.openItems).toHaveLength(5);
    expect(runs[0]?.openItems).toContain('Check logs for Ecto query errors');
  });

  it('refuses an item that there is not, and what cannot be read, before anything is run', async () => {
    const before = await database.use(({ client }) =>
      client.query('SELECT count(*) AS n FROM codebase_snapshots'),
    );
    expect(await run('--check', 'tests=done')).toMatchObject({
      status: 64,
      err: expect.stringContaining(`--check tests names no item of this runbook's checklist.`) as string,
    });
    expect(await run('--check', `${TESTS}=maybe`)).toMatchObject({ status: 64 });
    expect(await run('--check', `${TESTS}=done`, '--check', `${TESTS}=open`)).toMatchObject({ status: 64 });
    const after = await database.use(({ client }) =>
      client.query('SELECT count(*) AS n FROM codebase_snapshots'),
    );
    expect(after.rows).toEqual(before.rows);
  });
});

it('the probes of the runbook that ships are nothing but SELECTs', async () => {
  await loadParser();
  const path = new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url);
  const probes = parseRunbook(readFileSync(path, 'utf8'), path.pathname).checklist.flatMap(
    (item) => item.probes ?? [],
  );
  expect(probes).toHaveLength(6);
  expect(probes.map(({ sql }) => notAProbe(sql))).toEqual(probes.map(() => null));
});
