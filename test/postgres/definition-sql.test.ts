import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSchema } from '../../src/postgres/connect.ts';
import { defaultGrantees, readDefinitions } from '../../src/postgres/definition.ts';
import type { TableDefinition } from '../../src/sql/definition.ts';
import { allDifferences, differences } from '../../src/sql/definition-differences.ts';
import {
  attributesSql,
  constraintsSql,
  createTableSql,
  freeSequencesSql,
  indexesSql,
  moveStatisticsSql,
  notMadeAgain,
  ownSequencesSql,
  retargeted,
} from '../../src/sql/definition-sql.ts';
import type { Session } from '../../src/sql/session.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { EVERYTHING, makeRole, NAME } from './everything.ts';
import { openBench, type Bench } from './support.ts';

let bench: Bench;
let before: TableDefinition;

beforeAll(async () => {
  bench = await openBench();
  await loadParser();
  for (const role of ['reader', 'keeper', 'nosy']) await makeRole(bench.session, role);
  await run(...EVERYTHING, 'CREATE SCHEMA attic');
  before = await read();
});
afterAll(async () => bench.close());

async function run(...statements: string[]): Promise<void> {
  for (const statement of statements) await bench.session.query(statement);
}

async function read(schema = 's', name = NAME, session: Session = bench.session): Promise<TableDefinition> {
  const [definition] = await readDefinitions(session, schema, [name], 's');
  if (!definition) throw new Error(`no table ${name}`);
  return definition;
}

/** Builds it beside itself, as a swap does. */
async function build(
  definition: TableDefinition,
  target: { schema: string; name: string },
  session: Session = bench.session,
): Promise<void> {
  await withSchema(session, 's');
  const attributes = attributesSql(definition, target, await defaultGrantees(session));
  const statements = [
    createTableSql(definition, target),
    ...attributes.filter(({ early }) => early).map(({ sql }) => sql),
    ...indexesSql(definition, target).map(({ sql }) => sql),
    ...constraintsSql(definition, target).map(({ sql }) => sql),
    ...attributes.filter(({ early }) => !early).map(({ sql }) => sql),
  ];
  for (const statement of statements) await session.query(statement);
}

/** What the four functions do not make: it is left out of the comparison, and only that. */
const NOT_OURS = /: (trigger|rule|policy|publication) .* is gone\.$/;

describe('a table made again from its definition', () => {
  test('beside itself, in another schema, has everything but what hangs on other objects', async () => {
    await run('BEGIN');
    await build(before, { schema: 'attic', name: NAME });
    const made = await read('attic');
    const serial = 'sequence of column id is gone.';
    const said = differences(before, made, { columnOrder: true });
    expect(said.filter((sentence) => !NOT_OURS.test(sentence))).toEqual([`${NAME}: ${serial}`]);
    expect(said).toHaveLength(1 + before.triggers.length + before.rules.length + before.policies.length + 1);
    await run('ROLLBACK');
  });

  test('on the embedded server of a later version too: named NOT NULL, virtual columns, more rights', async () => {
    const db = await freshPglite();
    const session = sessionOn(db);
    for (const role of ['reader', 'keeper']) await makeRole(session, role);
    const later = [
      'ALTER TABLE s."Every ""thing" ADD COLUMN virtual int GENERATED ALWAYS AS (parent + 1) VIRTUAL',
      'ALTER TABLE s."Every ""thing" ADD COLUMN must int CONSTRAINT "must be" NOT NULL',
      'CREATE SCHEMA attic',
    ];
    for (const sql of [...EVERYTHING, ...later]) await session.query(sql);
    const everything = await read('s', NAME, session);
    await build(everything, { schema: 'attic', name: NAME }, session);
    const said = differences(everything, await read('attic', NAME, session), { columnOrder: true });
    expect(said.filter((sentence) => !NOT_OURS.test(sentence))).toEqual([
      `${NAME}: sequence of column id is gone.`,
    ]);
    await db.close();
  });

  test('and swapped into its place, it is what it was', async () => {
    await run('BEGIN');
    await build(before, { schema: 'attic', name: NAME });
    const own = { schema: 's', name: NAME };
    await run(
      ...freeSequencesSql(before).map(({ sql }) => sql),
      ...moveStatisticsSql(before, 's', 'attic', (name) => `old ${name}`).map(({ sql }) => sql),
      'ALTER TABLE s."Every ""thing" RENAME TO old',
      ...before.indexes.map(
        ({ name }, at) => `ALTER INDEX "${name.replaceAll('"', '""')}" RENAME TO "old ${at}"`,
      ),
      'ALTER SEQUENCE s."Every ""thing_i_seq" RENAME TO old_i',
      'ALTER SEQUENCE s."Every ""thing_always_seq" RENAME TO old_always',
      'ALTER TABLE s.old SET SCHEMA attic',
      'ALTER TABLE attic."Every ""thing" SET SCHEMA s',
      ...moveStatisticsSql(before, 'attic', 's').map(({ sql }) => sql),
      ...ownSequencesSql(before, own).map(({ sql }) => sql),
    );
    const said = differences(before, await read(), { columnOrder: true });
    expect(said.filter((sentence) => !NOT_OURS.test(sentence))).toEqual([]);
    await run('COMMIT');
  });

  test('takes back what default privileges give a new table', async () => {
    await run(
      'CREATE TABLE s.plain (id int PRIMARY KEY, x text)',
      'ALTER DEFAULT PRIVILEGES GRANT SELECT, DELETE ON TABLES TO nosy',
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
    );
    const plain = await read('s', 'plain');
    expect(plain.grants).toBeNull();
    expect(await defaultGrantees(bench.session)).toEqual(['', 'nosy']);
    await run('BEGIN');
    await build(plain, { schema: 'attic', name: 'plain' });
    expect(differences(plain, await read('attic', 'plain'))).toEqual([]);
    await run('ROLLBACK', 'BEGIN', 'CREATE TABLE attic.plain (id int PRIMARY KEY, x text)');
    expect(differences(plain, await read('attic', 'plain'))).toEqual([
      'plain: rights is DELETE to nosy; SELECT to PUBLIC; SELECT to nosy, was none.',
    ]);
    await run('ROLLBACK');
  });

  test('what cannot be made again says so, and is not made', async () => {
    await run(
      'CREATE TABLE s.parts (id int) PARTITION BY RANGE (id)',
      'CREATE TABLE s.part PARTITION OF s.parts FOR VALUES FROM (1) TO (2)',
    );
    expect(notMadeAgain(before)).toEqual([]);
    expect(notMadeAgain(await read('s', 'parts'))).toEqual([
      'parts is partitioned.',
      's.part inherits from parts.',
    ]);
    const part = await read('s', 'part');
    expect(notMadeAgain(part)).toEqual(['part inherits from s.parts.']);
    expect(() => createTableSql(part, { schema: 'attic', name: 'part' })).toThrow(
      'part inherits from s.parts.',
    );
    const chained = {
      ...before,
      grants: [{ grantee: 'x', grantor: 'y', privilege: 'SELECT', grantable: false }],
    };
    expect(notMadeAgain(chained)).toEqual([expect.stringMatching(/granted by others/)]);
  });
});

describe('a definition for another table', () => {
  const target = { schema: 'new "one', name: 'ON x' };
  test.each([
    [
      `CREATE INDEX "ON s.t" ON ONLY s.t USING btree ((s.t_of('s.t'::text)) text_pattern_ops, "s.t") WHERE (x = 'ON s.t'::text)`,
      `CREATE INDEX "ON s.t" ON ONLY "new ""one"."ON x" USING btree ((s.t_of('s.t'::text)) text_pattern_ops, "s.t") WHERE (x = 'ON s.t'::text)`,
    ],
    [
      'CREATE UNIQUE INDEX "é""x" ON "sché"."t é" USING btree (a) INCLUDE (b) NULLS NOT DISTINCT',
      'CREATE UNIQUE INDEX "é""x" ON "new ""one"."ON x" USING btree (a) INCLUDE (b) NULLS NOT DISTINCT',
    ],
    [
      'CREATE STATISTICS s.x (mcv) ON a, lower(b) FROM t',
      'CREATE STATISTICS s.x (mcv) ON a, lower(b) FROM "new ""one"."ON x"',
    ],
    [
      'CREATE TRIGGER x BEFORE UPDATE ON s.t FOR EACH ROW EXECUTE FUNCTION s.f()',
      'CREATE TRIGGER x BEFORE UPDATE ON "new ""one"."ON x" FOR EACH ROW EXECUTE FUNCTION s.f()',
    ],
    [
      'CREATE RULE r AS ON DELETE TO s.t DO NOTHING',
      'CREATE RULE r AS ON DELETE TO "new ""one"."ON x" DO NOTHING',
    ],
  ])('%s', (sql, expected) => {
    expect(retargeted(sql, target)).toBe(expected);
  });

  test('what names no table is refused', () => {
    expect(() => retargeted('SELECT 1', target)).toThrow('names no table');
  });
});

describe('differences', () => {
  test('are said in sentences', async () => {
    await run('CREATE TABLE s.one (id int, x text, gone int)', 'CREATE INDEX one_x ON s.one (x)');
    const was = await read('s', 'one');
    await run(
      'DROP INDEX s.one_x',
      'ALTER TABLE s.one DROP COLUMN gone, ADD COLUMN new int, ALTER x SET NOT NULL, ALTER x TYPE varchar(9)',
      'ALTER TABLE s.one SET (fillfactor = 50)',
      "COMMENT ON COLUMN s.one.x IS 'hello'",
      'GRANT SELECT ON s.one TO reader',
      'REVOKE DELETE ON s.one FROM CURRENT_USER',
    );
    expect(differences(was, await read('s', 'one')).filter((text) => !/_not_null/.test(text))).toEqual([
      'one: column gone is gone.',
      'one: index one_x is gone.',
      'one: column new is new.',
      'one: storage parameters is fillfactor=50, was none.',
      'one: rights is owner without DELETE; DELETE to nosy; SELECT to PUBLIC; SELECT to nosy; SELECT to reader, was DELETE to nosy; SELECT to PUBLIC; SELECT to nosy.',
      'one: column x: type is character varying(9), was text.',
      'one: column x: not null is yes, was no.',
      'one: column x: comment is hello, was none.',
    ]);
  });

  test('the order of columns counts when asked for; tables come and go', async () => {
    await run('CREATE TABLE s.ab (a int, b int)', 'CREATE TABLE attic.ab (b int, a int)');
    const [ab, ba] = [await read('s', 'ab'), await read('attic', 'ab')];
    expect(differences(ab, ba)).toEqual([]);
    expect(differences(ab, ba, { columnOrder: true })).toEqual([
      'ab: the columns are in the order b, a, they were in the order a, b.',
    ]);
    expect(allDifferences([before, ab], [{ ...ab, name: 'new' }])).toEqual([
      `${NAME}: the table is gone.`,
      'ab: the table is gone.',
      'new: the table is new.',
    ]);
  });
});
