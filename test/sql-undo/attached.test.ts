/** What the prerequisites call kept does come back by an undo, in every kind. */
import { beforeAll, expect, it } from 'vitest';
import { findAttachments } from '../../src/postgres/attachments.ts';
import { readCatalog } from '../../src/postgres/catalog.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { MEASURED, MORE, PLAN, TABLE, type Case } from '../postgres/attachment-cases.ts';
import { benchWith, changes, inOrder, planOfTexts, rollBack, stateOf, undo } from './support.ts';

beforeAll(loadParser);

const RUN = '20260101-0000-aaaa';
const UNDO = '20260101-0001-bbbb';
const DROP = 'DROP TABLE t;';
const FUNCTION = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'";

const OTHERS: Case[] = [
  {
    name: 'column grant',
    plant: ['GRANT SELECT (gone) ON t TO PUBLIC'],
    kind: 'column grant',
    outcome: 'lost',
  },
  {
    name: 'comment, policy, rule and trigger on a dropped table',
    plant: [
      FUNCTION,
      "COMMENT ON TABLE t IS 'words'",
      'CREATE POLICY p ON t USING (num > 1)',
      'CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING',
      'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
    ],
    kind: 'policy',
    outcome: 'lost',
    plan: DROP,
  },
];

const LOST = [...MEASURED, ...MORE, ...OTHERS].filter(({ outcome }) => outcome === 'lost');
const KEPT = new Set([
  ...['check constraint', 'statistics', 'index', 'replica identity', 'grant', 'column grant', 'policy'],
  ...['foreign key of the table', 'key or exclusion constraint', 'column comment'],
]);

it.each(LOST)('$name', async ({ plant, kind, plan: sql = PLAN }) => {
  const bench = await benchWith(...TABLE, ...plant);
  try {
    const { session } = bench;
    const plan = planOfTexts(sql);
    const at = inOrder(plan);
    const found = await findAttachments(session, await readCatalog(session, 'public'), plan, at('step-1'));
    const lost = found.filter(({ outcome }) => outcome === 'lost');
    const own = lost.filter((one) => one.kind === kind).map(({ undone }) => undone ?? false);
    expect(new Set(own)).toEqual(new Set([KEPT.has(kind)]));
    if (!lost.every(({ undone }) => undone)) return;
    await session.query('SET search_path = public, pg_temp');
    const before = await stateOf(session);
    await rollBack(session, { run: RUN, plan, position: at });
    expect(changes(before, await stateOf(session))).not.toEqual([]);
    await undo(session, RUN, UNDO);
    expect(changes(before, await stateOf(session))).toEqual([]);
  } finally {
    await bench.close();
  }
});
