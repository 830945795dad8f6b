/** Statements about objects beside tables. */
import { ROLES } from './before.ts';
import type { Inventory, Relation } from './inventory.ts';
import { cascade, on, type Move } from './moves-tables.ts';
import type { Random } from './random.ts';

const [READER] = ROLES;

const onView =
  (write: (view: Relation, r: Random, word: string) => string | undefined): Move =>
  ({ relations }, r) => {
    const view = r.pick(relations.filter(({ kind }) => 'vm'.includes(kind)));
    return view && write(view, r, view.kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW');
  };

const onFunction =
  (write: (name: string, parameters: string, r: Random) => string): Move =>
  ({ functions }, r) => {
    const one = r.pick(functions);
    return one && write(one.name, one.parameters, r);
  };

const onType =
  (kind: string, write: (type: Inventory['types'][number], r: Random) => string | undefined): Move =>
  ({ types }, r) => {
    const type = r.pick(types.filter((one) => kind.includes(one.kind)));
    return type && write(type, r);
  };

const onSequence =
  (write: (name: string, r: Random) => string): Move =>
  ({ sequences }, r) => {
    const one = r.pick(sequences);
    return one && write(one.name, r);
  };

const onPart = (
  part: 'triggers' | 'policies',
  write: (name: string, table: string, r: Random) => string,
): Move =>
  on((table, r) => {
    const name = r.pick(table[part]);
    return name && write(name, table.name, r);
  });

const owner = (r: Random): string => r.pick([...ROLES, 'CURRENT_USER']) ?? READER;

export const OBJECTS: Move[] = [
  onView(({ name }, r, word) => `DROP ${word} ${name}${cascade(r)}`),
  onView(({ name }, r, word) => `ALTER ${word} ${name} RENAME TO w${r.number(3)}`),
  onView(
    ({ name, columns }, r, word) =>
      `ALTER ${word} ${name} RENAME COLUMN ${r.pick(columns)?.name} TO q${r.number(2)}`,
  ),
  onView(
    ({ name }, r, word) => `ALTER ${word} ${name} ${r.pick([`OWNER TO ${owner(r)}`, 'SET SCHEMA "@_b"'])}`,
  ),
  onView(({ name }, _, word) => `COMMENT ON ${word} ${name} IS 'other'`),
  onView(({ name, kind }) =>
    kind === 'm' ? `REFRESH MATERIALIZED VIEW ${name}` : `ALTER VIEW ${name} SET (security_barrier)`,
  ),
  on(({ name }, r) => `CREATE VIEW w${r.number(3)} AS SELECT * FROM ${name}`),
  on(
    ({ name }, r) =>
      `CREATE OR REPLACE VIEW ${r.pick(['v1', 'w1'])} AS SELECT id, name, n${r.once(2) ? ', 1 AS k' : ''} FROM ${name} WHERE id > 0`,
  ),
  on(({ name }, r) => `CREATE MATERIALIZED VIEW w${r.number(3)} AS SELECT * FROM ${name}`),
  onFunction((name, parameters, r) => `DROP FUNCTION ${name}(${parameters})${cascade(r)}`),
  onFunction(
    (name, parameters, r) =>
      `ALTER FUNCTION ${name}(${parameters}) ${r.pick(['RENAME TO f1', `OWNER TO ${owner(r)}`, 'STRICT', 'SECURITY DEFINER', 'COST 5', 'SET SCHEMA "@_b"'])}`,
  ),
  onFunction((name, parameters) => `COMMENT ON FUNCTION ${name}(${parameters}) IS 'does'`),
  () =>
    `CREATE OR REPLACE FUNCTION calc(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n * 3 $$`,
  () => `CREATE FUNCTION f2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`,
  () => `CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`,
  on(
    ({ name }, r) =>
      `CREATE TRIGGER g${r.number(2)} BEFORE INSERT OR UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${r.pick(['touch', 'f2'])}()`,
  ),
  onPart('triggers', (name, table) => `DROP TRIGGER ${name} ON ${table}`),
  onPart('triggers', (name, table, r) => `ALTER TRIGGER ${name} ON ${table} RENAME TO g${r.number(3)}`),
  onPart(
    'triggers',
    (name, table, r) =>
      `ALTER TABLE ${table} ${r.pick(['DISABLE', 'ENABLE', 'ENABLE ALWAYS'])} TRIGGER ${name}`,
  ),
  on(
    ({ name }, r) =>
      `ALTER TABLE ${name} ${r.pick(['DISABLE', 'ENABLE'])} TRIGGER ${r.pick(['ALL', 'USER'])}`,
  ),
  on(({ name }, r) => `CREATE POLICY y${r.number(2)} ON ${name} USING (n > 0)`),
  onPart('policies', (name, table) => `DROP POLICY ${name} ON ${table}`),
  onPart(
    'policies',
    (name, table, r) =>
      `ALTER POLICY ${name} ON ${table} ${r.pick(['RENAME TO y3', 'TO PUBLIC', 'USING (n > 7)'])}`,
  ),
  on(
    ({ name }, r) =>
      `ALTER TABLE ${name} ${r.pick(['ENABLE', 'DISABLE', 'FORCE', 'NO FORCE'])} ROW LEVEL SECURITY`,
  ),
  on(({ name }) => `CREATE RULE quiet AS ON DELETE TO ${name} DO INSTEAD NOTHING`),
  onType('e', ({ name, labels }, r) =>
    r.pick([
      `ALTER TYPE ${name} RENAME VALUE '${r.pick(labels ?? [])}' TO 'new'`,
      `ALTER TYPE ${name} ADD VALUE 'extra'`,
    ]),
  ),
  onType(
    'ec',
    ({ name }, r) =>
      `ALTER TYPE ${name} ${r.pick(['RENAME TO ty', `OWNER TO ${owner(r)}`, 'SET SCHEMA "@_b"'])}`,
  ),
  onType(
    'c',
    ({ name }, r) =>
      `ALTER TYPE ${name} ${r.pick(['ADD ATTRIBUTE z integer', 'DROP ATTRIBUTE y', 'RENAME ATTRIBUTE x TO xx', 'ALTER ATTRIBUTE y TYPE varchar'])}`,
  ),
  onType('ec', ({ name }, r) => `DROP TYPE ${name}${cascade(r)}`),
  onType('d', ({ name }, r) => `DROP DOMAIN ${name}${cascade(r)}`),
  onType(
    'd',
    ({ name, constraints }, r) =>
      `ALTER DOMAIN ${name} ${r.pick(['SET DEFAULT 4', 'SET NOT NULL', 'ADD CONSTRAINT few CHECK (VALUE < 900)', `DROP CONSTRAINT ${r.pick(constraints ?? []) ?? 'none'}`, 'RENAME TO positives', `OWNER TO ${owner(r)}`, `RENAME CONSTRAINT ${r.pick(constraints ?? []) ?? 'none'} TO over`])}`,
  ),
  () => `CREATE TYPE ty AS ENUM ('one', 'two')`,
  () => 'CREATE DOMAIN dom AS text CHECK (length(VALUE) < 50)',
  onSequence((name, r) => `DROP SEQUENCE ${name}${cascade(r)}`),
  onSequence(
    (name, r) =>
      `ALTER SEQUENCE ${name} ${r.pick(['RENAME TO sq', 'RESTART', 'RESTART WITH 77', 'INCREMENT 5', 'OWNED BY NONE', `OWNER TO ${owner(r)}`, 'CACHE 3 NO CYCLE MAXVALUE 9999', 'SET SCHEMA "@_b"'])}`,
  ),
  (_, r) => `CREATE SEQUENCE s${2 + r.number(2)} START ${r.number(9) + 1}`,
  on(
    ({ name }, r) =>
      `${r.pick(['GRANT', 'REVOKE'])} ${r.pick(['SELECT', 'ALL', 'UPDATE, DELETE', 'INSERT (name)'])} ON ${name} ${r.pick(['TO', 'FROM'])} ${r.pick([READER, 'PUBLIC'])}`,
  ),
  (_, r) =>
    r.pick([
      `GRANT SELECT ON ALL TABLES IN SCHEMA "@" TO ${READER}`,
      `REVOKE ALL ON ALL TABLES IN SCHEMA "@" FROM ${READER}`,
      `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "@" FROM PUBLIC`,
      `GRANT USAGE ON ALL SEQUENCES IN SCHEMA "@" TO ${READER}`,
    ]),
  (_, r) =>
    `ALTER DEFAULT PRIVILEGES IN SCHEMA "@" ${r.pick([`GRANT SELECT ON TABLES TO ${READER}`, `GRANT ALL ON FUNCTIONS TO ${READER}`, `GRANT USAGE ON TYPES TO ${READER}`])}`,
  onFunction(
    (name, parameters, r) =>
      `${r.pick([`GRANT EXECUTE ON FUNCTION ${name}(${parameters}) TO ${READER}`, `REVOKE ALL ON FUNCTION ${name}(${parameters}) FROM PUBLIC`])}`,
  ),
  on(({ name }, r) => `COMMENT ON TABLE ${name} IS ${r.pick([`'another'`, 'NULL'])}`),
  on(
    ({ name, columns }, r) =>
      `COMMENT ON COLUMN ${name}.${r.pick(columns)?.name} IS ${r.pick([`'a column'`, 'NULL'])}`,
  ),
  on(
    ({ name, constraints }, r) => `COMMENT ON CONSTRAINT ${r.pick(constraints)?.name} ON ${name} IS 'bound'`,
  ),
  on(({ indexes }, r) => `COMMENT ON INDEX ${r.pick(indexes)} IS 'quick'`),
  on(({ name }) => `CREATE STATISTICS st2 ON name, n FROM ${name}`),
  () => 'DROP STATISTICS st',
  () => 'ALTER STATISTICS st RENAME TO stt',
];
