/** Statements made up at random on one table, for what must hold of any. */
import * as fc from 'fast-check';

export const TABLE = `CREATE TABLE t (
  id integer PRIMARY KEY, a integer, b text, c numeric(6,2), d character varying(6), e jsonb,
  f timestamp(0) without time zone, g boolean, h real, k bigint NOT NULL DEFAULT 7,
  v character varying(4)[])`;

export const ROWS = `INSERT INTO t (id, a, b, c, d, e, f, g, h, v) VALUES
  (1, 1, 'One', 1.25, 'abc', '{"x": "y", "n": 3}', '2024-01-01 10:00:00', true, 1.5, '{a,b}'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, -5, '', 0, 'abcdef', '[1, 2]', '2024-02-29 23:59:59', false, 0.1, '{}'),
  (4, 2147483647, 'two words', 9999.99, '', '"text"', '1999-12-31 00:00:00', true, -0, '{abcd}'),
  (5, 0, 'unknown', -3.33, 'x', '{}', 'infinity', NULL, 'NaN', NULL),
  (6, 7, 'ünï', 2.5, 'x', 'null', '2024-01-01 10:00:00', false, 3e10, '{NULL}')`;

type Kind = 'number' | 'text' | 'json' | 'time' | 'truth' | 'list';
export type Columns = Record<Kind, string[]>;

export const AT_FIRST: Columns = {
  number: ['a', 'c', 'h', 'k'],
  text: ['b', 'd'],
  json: ['e'],
  time: ['f'],
  truth: ['g'],
  list: ['v'],
};

const LITERALS: Record<Kind, string[]> = {
  number: ['0', '1', '2.555', '-7', '1.5e2', '3'],
  text: ["'x'", "'abc'", "'seven77'", "''"],
  json: [`'{"x": 1}'::jsonb`, `'{}'`, `'[]'::jsonb`],
  time: ["'2024-05-05 05:05:05.6'", "timestamp '2020-01-01 00:00:00.4'"],
  truth: ['true', 'false'],
  list: ["'{z}'", "ARRAY['q', 'r']", 'ARRAY[]::text[]'],
};

const pick = <T>(items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...(items as [T, ...T[]]));

function expression(kind: Kind, columns: Columns, depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(pick(LITERALS[kind]), ...(columns[kind].length > 0 ? [pick(columns[kind])] : []));
  if (depth === 0) return leaf;
  const same = expression(kind, columns, depth - 1);
  const common = [
    leaf,
    fc.tuple(same, same).map(([one, two]) => `COALESCE(${one}, ${two})`),
    fc
      .tuple(condition(columns, depth - 1), same, same)
      .map(([c, one, two]) => `CASE WHEN ${c} THEN ${one} ELSE ${two} END`),
  ];
  const text = expression('text', columns, depth - 1);
  const json = columns.json.length > 0 ? pick(columns.json) : pick(["'{}'::jsonb"]);
  const more: Record<Kind, fc.Arbitrary<string>[]> = {
    number: [
      fc.tuple(same, pick(['+', '-', '*']), same).map((parts) => `(${parts.join(' ')})`),
      same.map((one) => `(${one}) / 3`),
      text.map((one) => `length(${one})`),
      same.map((one) => `(${one})::numeric`),
    ],
    text: [
      fc.tuple(same, same).map(([one, two]) => `(${one} || ${two})`),
      same.map((one) => `upper(${one})`),
      json.map((one) => `${one}->>'x'`),
      expression('number', columns, depth - 1).map((one) => `CAST(${one} AS text)`),
    ],
    json: [json.map((one) => `${one} || '{"y": 2}'`), text.map((one) => `to_jsonb(${one}::text)`)],
    time: [leaf.map((one) => `(${one})::timestamp + interval '1.3 seconds'`)],
    truth: [condition(columns, depth - 1)],
    list: [],
  };
  return fc.oneof(...common, ...more[kind]);
}

function condition(columns: Columns, depth: number): fc.Arbitrary<string> {
  const kinds = (Object.keys(columns) as Kind[]).filter((kind) => columns[kind].length > 0);
  const leaf = fc.oneof(
    pick(kinds.flatMap((kind) => columns[kind])).map((column) => `${column} IS NULL`),
    pick(kinds.flatMap((kind) => columns[kind])).map((column) => `${column} IS NOT NULL`),
    pick([...columns.number, 'id']).map((column) => `${column} > 1`),
    ...(columns.text.length > 0 ? [pick(columns.text).map((column) => `${column} = 'x'`)] : []),
    ...(columns.truth.length > 0 ? [pick(columns.truth)] : []),
  );
  if (depth <= 0) return leaf;
  const below = condition(columns, depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(below, below).map(([one, two]) => `(${one} AND ${two})`),
    fc.tuple(below, below).map(([one, two]) => `(${one} OR ${two})`),
    below.map((one) => `NOT (${one})`),
    fc
      .tuple(expression('text', columns, depth - 1), expression('text', columns, depth - 1))
      .map(([one, two]) => `(${one}) IS DISTINCT FROM (${two})`),
  );
}

interface Made {
  sql: string;
  columns: Columns;
}

function update(columns: Columns): fc.Arbitrary<Made> {
  const kinds = (Object.keys(columns) as Kind[]).filter((kind) => columns[kind].length > 0);
  const assignment = pick(kinds).chain((kind) =>
    fc.tuple(pick(columns[kind]), expression(kind, columns, 2)).map(([column, value]) => ({ column, value })),
  );
  return fc
    .tuple(
      fc.uniqueArray(assignment, { minLength: 1, maxLength: 3, selector: ({ column }) => column }),
      fc.option(condition(columns, 2), { nil: null }),
    )
    .map(([list, where]) => ({
      sql: `UPDATE t SET ${list.map(({ column, value }) => `${column} = ${value}`).join(', ')}${where === null ? '' : ` WHERE ${where}`}`,
      columns,
    }));
}

const TYPES: Record<Kind, string[]> = {
  number: ['integer', 'numeric(5,1)', 'double precision', 'numeric'],
  text: ['text', 'varchar(5)', 'varchar'],
  json: ['jsonb'],
  time: ['timestamp(0)', 'timestamp'],
  truth: ['boolean'],
  list: ['text[]', 'varchar(3)[]'],
};

function add(columns: Columns, number: number): fc.Arbitrary<Made> {
  return pick(Object.keys(TYPES) as Kind[]).chain((kind) =>
    fc.tuple(pick(TYPES[kind]), fc.boolean()).map(([type, preset]) => {
      const column = `n${number}`;
      const value =
        preset && kind === 'text' ? ` DEFAULT 'x'` : preset && kind === 'number' ? ' DEFAULT 2.45' : '';
      return {
        sql: `ALTER TABLE t ADD COLUMN ${column} ${type}${value}`,
        columns: { ...columns, [kind]: [...columns[kind], column] },
      };
    }),
  );
}

function retype(columns: Columns): fc.Arbitrary<Made> {
  const kinds: Kind[] = ['number', 'text'];
  return pick(kinds.filter((kind) => columns[kind].length > 0)).chain((kind) =>
    fc
      .tuple(pick(columns[kind]), pick(TYPES[kind]), fc.option(expression(kind, columns, 1)))
      .map(([column, type, using]) => ({
        sql: `ALTER TABLE t ALTER COLUMN ${column} TYPE ${type}${using === null ? '' : ` USING ${using}`}`,
        columns,
      })),
  );
}

function rename(columns: Columns, number: number): fc.Arbitrary<Made> {
  return pick(Object.keys(columns) as Kind[])
    .filter((kind) => columns[kind].length > 0)
    .chain((kind) =>
      pick(columns[kind]).map((from) => ({
        sql: `ALTER TABLE t RENAME COLUMN ${from} TO m${number}`,
        columns: { ...columns, [kind]: columns[kind].map((one) => (one === from ? `m${number}` : one)) },
      })),
    );
}

function drop(columns: Columns): fc.Arbitrary<Made> {
  const many = (Object.keys(columns) as Kind[]).filter((kind) => columns[kind].length > 1);
  if (many.length === 0) return update(columns);
  return pick(many).chain((kind) =>
    pick(columns[kind]).map((gone) => ({
      sql: `ALTER TABLE t DROP COLUMN ${gone}`,
      columns: { ...columns, [kind]: columns[kind].filter((one) => one !== gone) },
    })),
  );
}

function next(columns: Columns, number: number): fc.Arbitrary<Made> {
  return fc.oneof(
    { weight: 6, arbitrary: update(columns) },
    { weight: 2, arbitrary: add(columns, number) },
    { weight: 1, arbitrary: retype(columns) },
    { weight: 1, arbitrary: rename(columns, number) },
    { weight: 1, arbitrary: drop(columns) },
  );
}

/** From two to six statements, each on what the ones before it leave; the last writes rows. */
export function statements(columns: Columns = AT_FIRST, left = 5): fc.Arbitrary<string[]> {
  if (left === 0) return update(columns).map(({ sql }) => [sql]);
  return fc
    .boolean()
    .chain((stop) =>
      stop && left < 5
        ? update(columns).map(({ sql }) => [sql])
        : next(columns, left).chain((one) =>
            statements(one.columns, left - 1).map((rest) => [one.sql, ...rest]),
          ),
    );
}
