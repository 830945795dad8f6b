/** One class of finding after the other, each proved by running the statement. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Risk } from '../../src/sql/types.ts';
import { attempt, clear, countAfter, openFixture, riskOf, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.db.close());

function lost(risk: Risk): unknown[] {
  return risk.dataAtRisk.map((one) => [one.index, one.table, one.column ?? null, one.rows]);
}
function made(risk: Risk): unknown[] {
  return risk.invented.map((one) => [one.index, one.table, one.column, one.value, one.rows]);
}
function failing(risk: Risk): unknown[] {
  return risk.failing.map((one) => [one.index, one.table, one.column, one.kind, one.rows, one.keys]);
}

const ITEMS = `CREATE TABLE items (id bigint PRIMARY KEY, doc jsonb, label text, state varchar(5) NOT NULL DEFAULT 'new');
  INSERT INTO items VALUES
    (1, '{"n":"1","tags":["a","b"]}', 'one', 'new'),
    (2, '{"n":"x","tags":"a"}', NULL, 'old'),
    (10, '["n"]', 'ten', 'new'),
    (11, '5', 'eleven  ', 'gone'),
    (12, NULL, NULL, 'new')`;

describe('what goes', () => {
  it('a column that is kept whole elsewhere does not; where the copy left rows out, these do', async () => {
    await clear(fixture, ITEMS);
    const whole = await riskOf(
      fixture,
      'ALTER TABLE items ADD COLUMN copy jsonb; UPDATE items SET copy = doc; ALTER TABLE items DROP COLUMN doc',
    );
    expect(lost(whole)).toEqual([]);
    const some = await riskOf(
      fixture,
      `ALTER TABLE items ADD COLUMN copy jsonb; UPDATE items SET copy = doc WHERE label IS NOT NULL; ALTER TABLE items DROP COLUMN doc`,
    );
    expect(lost(some)).toEqual([[3, 'items', 'doc', 1]]);
    expect(
      await countAfter(
        fixture,
        [`ALTER TABLE items ADD COLUMN copy jsonb`, `UPDATE items SET copy = doc WHERE label IS NOT NULL`],
        'SELECT count(*) FROM items WHERE doc IS NOT NULL AND copy IS NULL',
      ),
    ).toBe(1);
  });

  it('a copy that is overwritten or dropped is no copy', async () => {
    await clear(fixture, ITEMS);
    const copy = "ALTER TABLE items ADD COLUMN copy jsonb; UPDATE items SET copy = COALESCE(doc, '{}')";
    const over = await riskOf(
      fixture,
      `${copy}; UPDATE items SET copy = '{}' WHERE id = 1; ALTER TABLE items DROP COLUMN doc`,
    );
    expect(lost(over)).toEqual([[4, 'items', 'doc', 4]]);
    const gone = await riskOf(
      fixture,
      `${copy}; ALTER TABLE items DROP COLUMN copy; ALTER TABLE items DROP COLUMN doc`,
    );
    expect(lost(gone)).toEqual([[4, 'items', 'doc', 4]]);
    const filled = await riskOf(
      fixture,
      `${copy}; UPDATE items SET copy = '{}' WHERE copy IS NULL; ALTER TABLE items DROP COLUMN doc`,
    );
    expect(lost(filled)).toEqual([]);
  });

  it('a copy made by an applied statement counts where the value is there', async () => {
    await clear(
      fixture,
      `${ITEMS}; ALTER TABLE items ADD COLUMN copy jsonb; UPDATE items SET copy = doc WHERE id < 11`,
    );
    const plan = 'UPDATE items SET copy = doc WHERE copy IS NULL; ALTER TABLE items DROP COLUMN doc';
    expect(lost(await riskOf(fixture, plan, 180000, { 'step-1/1': 'applied' }))).toEqual([
      [2, 'items', 'doc', 1],
    ]);
  });

  it('parts that are read do not keep the whole, and the detail says so', async () => {
    await clear(fixture, ITEMS);
    const risk = await riskOf(
      fixture,
      "UPDATE items SET label = doc->>'n' WHERE label IS NULL; ALTER TABLE items DROP COLUMN doc",
    );
    expect(lost(risk)).toEqual([[2, 'items', 'doc', 4]]);
    expect(risk.dataAtRisk[0]?.detail).toContain('statement 1 of step-1');
  });

  it('values equal to a constant default hold nothing of their own', async () => {
    await clear(fixture, ITEMS);
    expect(lost(await riskOf(fixture, 'ALTER TABLE items DROP COLUMN state, DROP COLUMN label'))).toEqual([
      [1, 'items', 'state', 2],
      [1, 'items', 'label', 3],
    ]);
  });

  it('rows that DELETE reaches, of the contents at that moment', async () => {
    await clear(fixture, ITEMS);
    const update = "UPDATE items SET label = 'none' WHERE label IS NULL";
    const risk = await riskOf(fixture, `${update}; DELETE FROM items WHERE label = 'none'; DROP TABLE items`);
    expect(lost(risk)).toEqual([
      [2, 'items', null, 2],
      [3, 'items', null, 3],
    ]);
    expect(await attempt(fixture, update, "DELETE FROM items WHERE label = 'none'")).toBe(2);
  });

  it('a version row is no data', async () => {
    await clear(
      fixture,
      'CREATE TABLE schema_migrations (version bigint PRIMARY KEY); INSERT INTO schema_migrations VALUES (5)',
    );
    expect(lost(await riskOf(fixture, "DELETE FROM schema_migrations WHERE version = '5'"))).toEqual([]);
  });

  it('values that an UPDATE replaces without reading them', async () => {
    await clear(fixture, ITEMS);
    const risk = await riskOf(
      fixture,
      "UPDATE items SET label = 'one'; UPDATE items SET state = upper(state)",
    );
    expect(lost(risk)).toEqual([[1, 'items', 'label', 2]]);
    const matched = `UPDATE items SET label = 'same' FROM (SELECT id, label FROM items) AS o
      WHERE o.id = items.id AND items.label = o.label`;
    expect(lost(await riskOf(fixture, matched))).toEqual([]);
    expect(lost(await riskOf(fixture, "UPDATE items SET state = 'x'"))).toEqual([[1, 'items', 'state', 2]]);
  });

  it('what an explicit cast cuts off', async () => {
    await clear(fixture, ITEMS);
    const risk = await riskOf(
      fixture,
      'ALTER TABLE items ADD COLUMN short text; UPDATE items SET short = label::varchar(3)',
    );
    expect(lost(risk)).toEqual([[2, 'items', 'short', 1]]);
    expect(failing(risk)).toEqual([]);
  });

  it('rows that an INSERT … SELECT leaves out, and columns that nothing reads', async () => {
    await clear(fixture, ITEMS);
    const plan = `CREATE TABLE kept (id bigint PRIMARY KEY, label text);
      INSERT INTO kept SELECT i.id, i.label FROM items i WHERE i.label IS NOT NULL;
      DROP TABLE items`;
    expect(lost(await riskOf(fixture, plan))).toEqual([
      [3, 'items', null, 2],
      [3, 'items', 'doc', 4],
      [3, 'items', 'state', 2],
    ]);
  });

  it('follows columns and rows through nested sub-queries and UPDATE … FROM', async () => {
    await clear(
      fixture,
      `${ITEMS}; CREATE TABLE target (id bigint PRIMARY KEY, label text); INSERT INTO target SELECT id FROM items WHERE id < 11`,
    );
    const plan = `UPDATE target AS t SET label = n.both FROM (
        SELECT m.id, m.label || m.state AS both FROM (SELECT * FROM items) AS m WHERE m.label IS NOT NULL) AS n
      WHERE n.id = t.id; DROP TABLE items`;
    expect(lost(await riskOf(fixture, plan))).toEqual([
      [2, 'items', null, 3],
      [2, 'items', 'doc', 4],
    ]);
    expect(await attempt(fixture, plan.split(';')[0] ?? '')).toBe(2);
  });

  it('what the plan itself put there is not data', async () => {
    await clear(fixture, ITEMS);
    const plan =
      "CREATE TABLE x (a text); INSERT INTO x VALUES ('a'); ALTER TABLE items ADD COLUMN b text; UPDATE items SET b = 'b'; ALTER TABLE items DROP COLUMN b; DROP TABLE x";
    expect(lost(await riskOf(fixture, plan))).toEqual([]);
  });
});

describe('what is made up', () => {
  it('the constant of a COALESCE, nested and through a rename', async () => {
    await clear(fixture, ITEMS);
    const plan = `ALTER TABLE items RENAME TO things; ALTER TABLE things RENAME COLUMN label TO title;
      ALTER TABLE things ADD COLUMN name text;
      UPDATE things SET name = COALESCE(title, COALESCE(doc->>'n', 'none'))`;
    expect(made(await riskOf(fixture, plan))).toEqual([[4, 'things', 'name', "'none'", 1]]);
    expect(
      await countAfter(fixture, plan.split(';'), "SELECT count(*) FROM things WHERE name = 'none'"),
    ).toBe(1);
  });

  it('a constant where the column is NULL, the arm of a CASE, now()', async () => {
    await clear(fixture, ITEMS);
    const plan = `UPDATE items SET label = 'none' WHERE label IS NULL OR id = 1;
      ALTER TABLE items ADD COLUMN tags text[], ADD COLUMN at timestamptz;
      UPDATE items SET at = now(), tags = CASE WHEN jsonb_typeof(doc->'tags') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(doc->'tags')) ELSE ARRAY[]::text[] END`;
    const risk = await riskOf(fixture, plan);
    expect(risk.unchecked).toEqual([]);
    expect(made(risk)).toEqual([
      [1, 'items', 'label', "'none'", 2],
      [3, 'items', 'at', 'now()', 5],
      [3, 'items', 'tags', 'ARRAY[]::text[]', 4],
    ]);
    expect(failing(risk)).toEqual([]);
    expect(await countAfter(fixture, plan.split(/;\s/), "SELECT count(*) FROM items WHERE tags = '{}'")).toBe(
      4,
    );
  });

  it('translating one constant into another makes nothing up', async () => {
    await clear(fixture, ITEMS);
    const plan = "UPDATE items SET state = CASE state WHEN 'new' THEN 'old' ELSE 'new' END";
    expect(made(await riskOf(fixture, plan))).toEqual([]);
  });

  it('the default of a column that is added, and of one that an INSERT leaves out', async () => {
    await clear(fixture, ITEMS);
    const plan = `ALTER TABLE items ADD COLUMN kind text NOT NULL DEFAULT 'plain';
      INSERT INTO items (id) SELECT id + 100 FROM items WHERE id > 10`;
    expect(made(await riskOf(fixture, plan))).toEqual(
      [
        [1, 'items', 'kind', "'plain'::text", 5],
        [2, 'items', 'state', "'new'::varchar", 2],
        [2, 'items', 'kind', "'plain'::text", 2],
      ].map((row) => row.map((cell) => (cell === "'new'::varchar" ? "'new'::character varying" : cell))),
    );
  });
});

describe('what fails', () => {
  const cases: [string, string, unknown[], string][] = [
    [
      'a cast',
      "ALTER TABLE items ADD COLUMN n int; UPDATE items SET n = (doc->>'n')::int",
      [[2, 'items', 'n', 'cast', 1, ['2']]],
      '22P02',
    ],
    [
      'a length',
      'UPDATE items SET state = label WHERE label IS NOT NULL',
      [[1, 'items', 'state', 'length', 1, ['11']]],
      '22001',
    ],
    [
      'NULL in a column that may not be',
      'UPDATE items SET label = NULL; ALTER TABLE items ALTER label SET NOT NULL',
      [[2, 'items', 'label', 'not-null', 5, ['1', '2', '10', '11', '12']]],
      '23502',
    ],
    [
      'a new column that may not be NULL',
      'ALTER TABLE items ADD COLUMN must text NOT NULL',
      [[1, 'items', 'must', 'not-null', 5, ['1', '2', '10', '11', '12']]],
      '23502',
    ],
    [
      'taking keys out of a plain value',
      "UPDATE items SET doc = doc - 'n'",
      [[1, 'items', 'doc', 'cast', 1, ['11']]],
      '22023',
    ],
    [
      'elements of what is no array',
      "ALTER TABLE items ADD t text[]; UPDATE items SET t = ARRAY(SELECT jsonb_array_elements_text(doc->'tags'))",
      [[2, 'items', 't', 'cast', 1, ['2']]],
      '22023',
    ],
    [
      'a cast in a sub-query',
      "ALTER TABLE items ADD s int; UPDATE items SET s = (SELECT sum(e.v::int) FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(doc) = 'array' THEN doc END) AS e(v))",
      [[2, 'items', 's', 'cast', 1, ['10']]],
      '22P02',
    ],
    [
      'a cast in the condition',
      "UPDATE items SET label = 'x' WHERE (doc->>'n')::int = 1",
      [[1, 'items', 'label', 'cast', 1, ['2']]],
      '22P02',
    ],
    [
      'a division',
      'ALTER TABLE items ADD d int; UPDATE items SET d = 10 / (id - 1)',
      [[2, 'items', 'd', 'cast', 1, ['1']]],
      '22012',
    ],
    [
      'a type',
      'ALTER TABLE items ALTER label TYPE varchar(5)',
      [[1, 'items', 'label', 'length', 1, ['11']]],
      '22001',
    ],
    [
      'a type with USING',
      "ALTER TABLE items ALTER label TYPE int USING (doc->>'n')::int",
      [[1, 'items', 'label', 'cast', 1, ['2']]],
      '22P02',
    ],
    [
      'a sub-query with two rows',
      'UPDATE items SET label = (SELECT i.label FROM items i WHERE i.state = items.state)',
      [[1, 'items', 'label', 'cast', 3, ['1', '10', '12']]],
      '21000',
    ],
  ];
  it.each(cases)('%s', async (_, plan, expected, sqlstate) => {
    await clear(fixture, ITEMS);
    for (const version of [180000, 150000]) {
      expect(failing(await riskOf(fixture, plan, version))).toEqual(expected);
    }
    expect(await attempt(fixture, ...plan.split(';').filter((sql) => sql.trim() !== ''))).toBe(sqlstate);
  });

  it('a guard that excludes the bad rows is believed', async () => {
    await clear(fixture, ITEMS);
    const plan = `ALTER TABLE items ADD COLUMN n int;
      UPDATE items SET n = CASE WHEN doc->>'n' ~ '^[0-9]+$' THEN (doc->>'n')::int END;
      UPDATE items SET doc = doc - 'n' WHERE jsonb_typeof(doc) = 'object'`;
    expect(failing(await riskOf(fixture, plan))).toEqual([]);
    expect(await attempt(fixture, ...plan.split(/;\s/))).toBe(2);
  });

  it('names rows by a key of several columns, or by their place when there is none', async () => {
    await clear(
      fixture,
      `CREATE TABLE pairs (a text, b int, v text, PRIMARY KEY (a, b));
      INSERT INTO pairs VALUES ('x', 10, 'q'), ('x', 9, 'q'), ('w', 20, '1'), (E'e\\tvil', 1, 'q');
      CREATE TABLE heap (v text); INSERT INTO heap VALUES ('1'), ('q')`,
    );
    const risk = await riskOf(
      fixture,
      'ALTER TABLE pairs ALTER v TYPE int USING v::int; ALTER TABLE heap ALTER v TYPE int USING v::int',
    );
    expect(risk.failing.map((one) => [one.keyColumns, one.keys])).toEqual([
      ['a, b', ['e vil,1', 'x,9', 'x,10']],
      ['ctid', ['(0,2)']],
    ]);
  });

  it('names the first ten keys in their own order, and counts all', async () => {
    await clear(
      fixture,
      "CREATE TABLE many (id int PRIMARY KEY, v text); INSERT INTO many SELECT i, 'q' FROM generate_series(1, 25) i",
    );
    const { failing: found } = await riskOf(fixture, 'ALTER TABLE many ALTER v TYPE int USING v::int');
    expect(found[0]?.rows).toBe(25);
    expect(found[0]?.keys).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
  });

  it('the key of an INSERT … SELECT is that of the table it reads', async () => {
    await clear(fixture, `${ITEMS}; CREATE TABLE target (n int NOT NULL)`);
    const risk = await riskOf(
      fixture,
      "INSERT INTO target SELECT (x.doc->>'n')::int FROM (SELECT * FROM items) AS x",
    );
    expect(failing(risk)).toEqual([
      [1, 'target', 'n', 'cast', 1, ['2']],
      [1, 'target', 'n', 'not-null', 3, ['10', '11', '12']],
    ]);
    expect(risk.failing[0]?.keyColumns).toBe('id');
  });
});
