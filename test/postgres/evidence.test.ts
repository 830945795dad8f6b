import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSchema } from '../../src/postgres/connect.ts';
import { gatherEvidence } from '../../src/postgres/evidence.ts';
import { serverInfo } from '../../src/postgres/server.ts';
import type { Criterion, Runbook } from '../../src/runbook/types.ts';
import { laterMigrations, writtenSince } from '../support/states.ts';
import { shipped } from './judge.ts';
import { openBench, type Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ state: writtenSince });
});
afterAll(async () => bench.close());

async function gather(on: Bench = bench, change: (runbook: Runbook) => Runbook = (runbook) => runbook) {
  const { runbook, plan } = await shipped();
  const server = await serverInfo(on.session, on.connection);
  await withSchema(on.session, 'public');
  const result = await gatherEvidence(on.session, change(runbook), 'public', { plan, server, sampleMs: 0 });
  return { ...result, by: Object.fromEntries(result.evidence.map((entry) => [entry.id, entry])), runbook };
}

test('each of the criteria is answered or asked, none both or neither', async () => {
  const { evidence, toAsk, runbook } = await gather();
  expect(runbook.criteria).toHaveLength(8);
  const ids = [...evidence.filter(({ id }) => !id.startsWith('measured:')), ...toAsk].map(({ id }) => id);
  expect([...ids].sort()).toEqual(runbook.criteria.map(({ id }) => id).sort());
  for (const { title, detail, source } of evidence) {
    expect(title).not.toBe('');
    expect(detail).toMatch(/^[A-Z\d].*\.$/);
    expect(source).toBe('database');
  }
});

test('what holds speaks for its side, what does not for neither', async () => {
  const { by } = await gather();
  // The fixture's migration is recorded at a fixed date in the past, and rows were written since.
  expect(by['ran-long-ago']).toMatchObject({
    supports: 'fix-forward',
    detail: expect.stringMatching(/^Holds\./),
  });
  expect(by['ran-recently']).toMatchObject({
    supports: 'neutral',
    detail: expect.stringMatching(/^Does not hold\./),
  });
  expect(by['new-schema-holds-data']).toMatchObject({ supports: 'fix-forward' });
});

test('age, later migrations, sessions and writes are measured beside them', async () => {
  const app = await bench.open('web');
  const { by } = await gather();
  await app.close();
  expect(by['measured:age']?.detail).toMatch(/Recorded at .* UTC, .* ago\./);
  expect(by['measured:later']).toMatchObject({ supports: 'neutral', detail: 'None is recorded after it.' });
  expect(by['measured:sessions']?.detail).toBe('1 other session connected: web.');
  expect(by['measured:writes']?.detail).toMatch(/No row was written/);
});

test('later migrations speak for fixing forward', async () => {
  const later = await openBench({ state: laterMigrations });
  const { by } = await gather(later);
  await later.close();
  expect(by['measured:later']).toMatchObject({
    supports: 'fix-forward',
    detail: expect.stringMatching(/^3 versions recorded after it, the last 20250101000020/),
  });
});

const criterion = (id: string, text: string | null): Criterion => ({
  id,
  text: id,
  supports: 'rollback',
  line: 1,
  ...(text === null ? {} : { query: { language: 'sql', info: {}, text, line: 1, lead: '' } }),
});

test('what cannot be told is asked: no query, NULL, no row, an error, an answer that is none', async () => {
  const criteria = [
    criterion('none', null),
    criterion('null', "SELECT NULL::boolean AS holds, '' AS detail"),
    criterion('empty', "SELECT true AS holds, '' AS detail WHERE false"),
    criterion('error', 'SELECT true AS holds FROM no_such_table'),
    criterion('odd', "SELECT 'perhaps' AS holds, '' AS detail"),
    criterion('yes', "SELECT true AS holds, 'Seen.' AS detail;"),
  ];
  const { toAsk, by } = await gather(bench, (runbook) => ({ ...runbook, criteria }));
  expect(toAsk.map(({ id }) => id)).toEqual(['none', 'null', 'empty', 'error', 'odd']);
  expect(by['yes']).toMatchObject({ supports: 'rollback', detail: 'Holds. Seen.' });
});

test('a question cannot change anything', async () => {
  const criteria = [
    criterion(
      'write',
      "WITH d AS (DELETE FROM git_pending_merges RETURNING 1) SELECT true AS holds, '' AS detail FROM d",
    ),
    criterion('two', 'SELECT true AS holds; DELETE FROM git_pending_merges'),
    criterion('commit', 'COMMIT'),
  ];
  const before = await bench.session.query('SELECT count(*) AS n FROM public.git_pending_merges');
  expect(before.rows).not.toEqual([{ n: '0' }]);
  const { toAsk } = await gather(bench, (runbook) => ({ ...runbook, criteria }));
  expect(toAsk.map(({ id }) => id)).toEqual(['write', 'two', 'commit']);
  const after = await bench.session.query('SELECT count(*) AS n FROM public.git_pending_merges');
  expect(after.rows).toEqual(before.rows);
});
