import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSchema } from '../../src/postgres/connect.ts';
import { definitionHash, readDefinitions } from '../../src/postgres/definition.ts';
import type { TableDefinition } from '../../src/sql/definition.ts';
import { differences } from '../../src/sql/definition-differences.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { migrated } from '../support/states.ts';
import { EVERYTHING, makeRole, NAME } from './everything.ts';
import { openBench, type Bench } from './support.ts';

let bench: Bench;
let found: TableDefinition;

beforeAll(async () => {
  bench = await openBench();
  await loadParser();
  for (const role of ['reader', 'keeper']) await makeRole(bench.session, role);
  await run(...EVERYTHING);
  found = await read(NAME);
});
afterAll(async () => bench.close());

async function run(...statements: string[]): Promise<void> {
  for (const statement of statements) await bench.session.query(statement);
}

async function read(name: string, schema = 's'): Promise<TableDefinition> {
  const [definition] = await readDefinitions(bench.session, schema, [name]);
  if (!definition) throw new Error(`no table ${name}`);
  return definition;
}

async function path(): Promise<unknown> {
  return (await bench.session.query("SELECT current_setting('search_path') AS path")).rows[0]?.['path'];
}

describe('reading definitions', () => {
  test('the table itself', () => {
    expect(found).toMatchObject({
      schema: 's',
      name: NAME,
      kind: 'r',
      persistence: 'p',
      owner: 'keeper',
      tablespace: null,
      options: ['autovacuum_enabled=off', 'fillfactor=70', 'toast.autovacuum_vacuum_threshold=123'],
      replicaIdentity: 'i',
      replicaIndex: 'everything_ident',
      rowSecurity: { enabled: true, forced: true },
      comment: "a table; it's \\ odd",
      parents: [],
      children: [],
      publications: [
        { name: 'pub "one', columns: ['id', 'always', 'price'], where: '(price > (1)::numeric)' },
      ],
    });
    expect(found.grants).toContainEqual({
      grantee: 'reader',
      grantor: 'keeper',
      privilege: 'SELECT',
      grantable: true,
    });
    expect(found.grants).toContainEqual({
      grantee: '',
      grantor: 'keeper',
      privilege: 'SELECT',
      grantable: false,
    });
  });

  test('columns, with what hangs on them', () => {
    const column = (name: string) => found.columns.find((candidate) => candidate.name === name);
    expect(column('id')).toMatchObject({
      notNull: true,
      default: `nextval('"Every ""thing_id_seq"'::regclass)`,
    });
    expect(column('i')).toMatchObject({ identity: 'd', default: null });
    expect(column('weird " name')).toMatchObject({
      type: 'character varying(255)',
      collation: 'pg_catalog."C"',
      default: `'it''s \\ "x" public.y s.z'::character varying`,
      comment: 'column',
    });
    expect(column('m')).toMatchObject({ type: 'mood', options: ['n_distinct=2', 'n_distinct_inherited=-1'] });
    expect(column('doc')).toMatchObject({ storage: 'e', compression: 'p' });
    expect(column('price')).toMatchObject({ statisticsTarget: 42, storage: null, compression: null });
    expect(column('price')?.grants).toEqual([
      { grantee: 'reader', grantor: 'keeper', privilege: 'UPDATE', grantable: false },
    ]);
    expect(column('twice')).toMatchObject({
      generated: 's',
      expression: '(price * (2)::numeric)',
      default: null,
    });
    expect(
      found.sequences.map(({ name, column: of, identity, settings }) => [name, of, identity, settings]),
    ).toEqual([
      ['Every "thing_id_seq', 'id', false, expect.stringMatching(/^AS bigint START WITH 1 /)],
      [
        'Every "thing_i_seq',
        'i',
        true,
        'AS integer START WITH 7 INCREMENT BY 3 MINVALUE 1 MAXVALUE 9999 CACHE 5 CYCLE',
      ],
      ['Every "thing_always_seq', 'always', true, expect.any(String)],
    ]);
  });

  test("a function that hides behind one of the server's own keeps its schema", () => {
    const index = found.indexes.find(({ name }) => name === 'Index "one');
    expect(index?.definition).toContain('(s.lower(("weird "" name")::text) DESC NULLS LAST, i)');
    expect(index).toMatchObject({ comment: 'index', statistics: [{ column: 1, target: 500 }] });
    expect(found.constraints.map(({ name, type, validated }) => [name, type, validated])).toEqual([
      ['apart', 'x', true],
      ['belongs', 'f', true],
      ['everything_pkey', 'p', true],
      ['later', 'c', false],
      ['odd unique', 'u', true],
      ['positive', 'c', true],
      ['to itself', 'f', true],
    ]);
    expect(found.policies.map(({ definition }) => definition)).toEqual([
      'CREATE POLICY "everybody" ON "s"."Every ""thing" AS PERMISSIVE FOR ALL TO PUBLIC USING (true)',
      'CREATE POLICY "own ""rows" ON "s"."Every ""thing" AS RESTRICTIVE FOR UPDATE TO "keeper", "reader" ' +
        `USING ((i > 1)) WITH CHECK ((s.lower(("weird "" name")::text) = 'A'::text))`,
    ]);
    expect(found.statistics.map(({ name, target, comment }) => [name, target, comment])).toEqual([
      ['Stat "one', null, 'statistics'],
      ['expressions', 77, null],
    ]);
    expect(found.triggers).toMatchObject([{ name: 'stamp "it', enabled: 'D' }]);
    expect(found.rules).toMatchObject([{ name: 'quiet', enabled: 'O' }]);
  });

  test('reads the same whatever search_path is set, inside a transaction too, and leaves it', async () => {
    for (const outside of ['pg_catalog, pg_temp', '"s", pg_temp', 's, public, pg_catalog']) {
      await bench.session.query("SELECT set_config('search_path', $1, false)", [outside]);
      expect(await read(NAME)).toEqual(found);
      expect(await path()).toBe(outside);
    }
    await run('SET search_path = pg_catalog, pg_temp');
    await run('BEGIN', 'SET LOCAL search_path = public, pg_temp');
    expect(await read(NAME)).toEqual(found);
    expect(await path()).toBe('public, pg_temp');
    await run('COMMIT');
    expect(await path()).toBe('pg_catalog, pg_temp');
  });

  test("runs nobody's operators, though they fit better than the server's own", async () => {
    await run('CREATE SCHEMA trap', 'CREATE TABLE trap.t (id int)');
    for (const type of ['oid', 'name', '"char"', 'int2', 'int4', 'text']) {
      await run(
        `CREATE FUNCTION trap.hit(${type}, ${type}) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$`,
        `CREATE OPERATOR trap.= (LEFTARG = ${type}, RIGHTARG = ${type}, FUNCTION = trap.hit)`,
        `CREATE OPERATOR trap.<> (LEFTARG = ${type}, RIGHTARG = ${type}, FUNCTION = trap.hit)`,
      );
    }
    await run('SET search_path = trap, pg_catalog');
    await expect(bench.session.query('SELECT oid = oid FROM pg_class LIMIT 1')).rejects.toThrow('trapped');
    expect(await read('t', 'trap')).toMatchObject({ name: 't' });
    await withSchema(bench.session, 's');
  });

  test('leaves out what is not there and what is no table', async () => {
    await run('CREATE VIEW s.a_view AS SELECT 1 AS one');
    expect(await readDefinitions(bench.session, 's', ['a_view', 'nothing'])).toEqual([]);
    expect(await readDefinitions(bench.session, 'no such', ['a_view'])).toEqual([]);
  });

  test('a table in another schema is spelled for the one it came from', async () => {
    await run('CREATE SCHEMA attic', 'CREATE TABLE attic.moved (m s.mood)');
    const [there] = await readDefinitions(bench.session, 'attic', ['moved']);
    const [from] = await readDefinitions(bench.session, 'attic', ['moved'], 's');
    expect(there?.columns[0]?.type).toBe('s.mood');
    expect(from?.columns[0]?.type).toBe('mood');
  });

  test('the embedded database reads as the real one does, but for what only later versions have', async () => {
    const real = await openBench({ state: 'migrated' });
    const db = await freshPglite();
    await migrated(db);
    const names = ['codebase_snapshots', 'git_pending_merges', 'technology_patterns', 'schema_migrations'];
    const [ones, twos] = [
      await readDefinitions(real.session, 'public', names),
      await readDefinitions(sessionOn(db), 'public', names),
    ];
    expect(ones.map(({ name }) => name)).toEqual([...names].sort());
    const said = ones.flatMap((one, at) => differences(one, twos[at] as TableDefinition));
    expect(said.filter((sentence) => !/constraint \S+_not_null is new|owner is/.test(sentence))).toEqual([]);
    await db.close();
    await real.close();
  });
});

describe('the hash of definitions', () => {
  test('is the same for the same tables in any order, and with other sizes', async () => {
    const parent = await read('parent');
    const grown = { ...found, heapBytes: 1, indexBytes: 2, estimatedRows: 3 };
    expect(definitionHash([found, parent])).toBe(definitionHash([parent, grown]));
    expect(definitionHash([found])).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, Partial<TableDefinition>]>([
    ['a comment', { comment: 'other' }],
    ['an owner', { owner: 'other' }],
    ['a table made again', { oid: 1 }],
    ['a lost index', { indexes: [] }],
  ])('differs by %s', (_what, change) => {
    expect(definitionHash([{ ...found, ...change }])).not.toBe(definitionHash([found]));
  });
});
