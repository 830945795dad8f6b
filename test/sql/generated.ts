/** Random definitions on two small tables: the same names come up again and again, so that they meet. */
import fc from 'fast-check';

export const SEED = `
  CREATE TABLE a (id int PRIMARY KEY, x text NOT NULL, y int DEFAULT 7);
  CREATE TABLE b (id int PRIMARY KEY, "x y" varchar(20), CONSTRAINT b_fk FOREIGN KEY (id) REFERENCES a(id));
  CREATE INDEX a_x ON a (x, y);
  CREATE UNIQUE INDEX "b xy" ON b ("x y");
`;

const table = fc.constantFrom('a', 'b', 'c', '"A b"');
const column = fc.constantFrom('id', 'x', 'y', '"x y"', 'z');
const index = fc.constantFrom('a_x', '"b xy"', 'i1');
const maybe = (words: string) => fc.constantFrom('', words);

/** One statement of SQL that may or may not be possible where it comes. */
export const ddl: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(table, table).map(([from, to]) => `ALTER TABLE ${from} RENAME TO ${to}`),
  fc.tuple(table, column, column).map(([t, from, to]) => `ALTER TABLE ${t} RENAME COLUMN ${from} TO ${to}`),
  fc.tuple(table, column).map(([t, c]) => `ALTER TABLE ${t} ADD COLUMN ${c} int UNIQUE`),
  fc
    .tuple(
      table,
      maybe('IF NOT EXISTS'),
      column,
      fc.constantFrom('text', 'int NOT NULL', "varchar(5) DEFAULT 'q'"),
    )
    .map(([t, not, c, type]) => `ALTER TABLE ${t} ADD COLUMN ${not} ${c} ${type}`),
  fc
    .tuple(table, maybe('IF EXISTS'), column, maybe('CASCADE'))
    .map(([t, only, c, how]) => `ALTER TABLE ${t} DROP COLUMN ${only} ${c} ${how}`),
  fc.constantFrom('ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE', 'ALTER TABLE b DROP CONSTRAINT b_fk'),
  fc
    .tuple(table, column, column)
    .map(([t, c, d]) => `ALTER TABLE ${t} ALTER ${c} SET NOT NULL, ALTER ${d} DROP DEFAULT`),
  fc.tuple(table, column).map(([t, c]) => `ALTER TABLE ${t} ALTER ${c} DROP NOT NULL`),
  fc.tuple(table, column).map(([t, c]) => `ALTER TABLE ${t} ALTER ${c} TYPE text`),
  fc
    .tuple(table, maybe('IF NOT EXISTS'))
    .map(
      ([t, not]) => `CREATE TABLE ${not} ${t} (id bigint PRIMARY KEY, x text NOT NULL, z varchar(3) UNIQUE)`,
    ),
  fc
    .tuple(maybe('IF EXISTS'), table, maybe('CASCADE'))
    .map(([only, t, how]) => `DROP TABLE ${only} ${t} ${how}`),
  fc
    .tuple(maybe('UNIQUE'), index, table, column)
    .map(([unique, i, t, c]) => `CREATE ${unique} INDEX ${i} ON ${t} (${c})`),
  // Only a name that nothing else has at the beginning: otherwise it is a no-op whose trace can go with that other thing.
  fc.tuple(table, column).map(([t, c]) => `CREATE INDEX IF NOT EXISTS i1 ON ${t} (${c})`),
  fc.tuple(maybe('IF EXISTS'), index).map(([only, i]) => `DROP INDEX ${only} ${i}`),
  fc.tuple(index, index).map(([from, to]) => `ALTER INDEX ${from} RENAME TO ${to}`),
  fc.tuple(table, column).map(([t, c]) => `ALTER TABLE ${t} ADD CONSTRAINT k UNIQUE (${c})`),
  fc.tuple(table, maybe('IF EXISTS')).map(([t, only]) => `ALTER TABLE ${t} DROP CONSTRAINT ${only} k`),
  fc
    .tuple(table, column, table)
    .map(([t, c, far]) => `ALTER TABLE ${t} ADD FOREIGN KEY (${c}) REFERENCES ${far}(id)`),
  fc.constantFrom(
    'ALTER TABLE b RENAME CONSTRAINT b_fk TO k',
    'ALTER TABLE a RENAME CONSTRAINT a_pkey TO "a key"',
  ),
);
