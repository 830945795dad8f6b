/** Copies the tables of a plan into a scratch schema, within the transaction that is open. */
import { quoteName, quoteQualified } from '../sql/definition-sql.ts';
import type { TableDefinition } from '../sql/definition.ts';
import type { Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';
import { arrayLiteral } from '../postgres/catalog.ts';
import { copyPlan, fillSql, type CopyPlan } from './copy-sql.ts';
import type { OwnNames } from './names.ts';
import type { CopiedTable } from './types.ts';

export interface CopyWork {
  session: Session;
  /** Where to. */
  schema: string;
  names: OwnNames;
  definitions: readonly TableDefinition[];
  /** Of the rows of each table. */
  shareOf(table: TableDefinition): number;
  copying(table: string): void;
  copied(table: CopiedTable): void;
  now(): number;
}

/** @returns what of the tables is not in the copy, one sentence each. @throws {DatabaseError} */
export async function copyTables(work: CopyWork): Promise<string[]> {
  const { session, schema, names, definitions } = work;
  const path = `${quoteName(schema)}, ${quoteName(names.schema)}, pg_temp`;
  await session.query("SELECT pg_catalog.set_config('search_path', $1, true)", [path]);
  const copied = new Set(definitions.map(({ name }) => name));
  const sampled = new Set(definitions.filter((one) => work.shareOf(one) < 1).map(({ name }) => name));
  const plans = definitions.map((one) => copyPlan(one, { schema, names, copied, sampled }));
  const made = new Set(definitions.flatMap(({ sequences }) => sequences.map(({ name }) => name)));
  for (const name of await otherSequences(session, definitions)) {
    if (!made.has(name)) await session.query(`CREATE SEQUENCE ${quoteQualified({ schema, name })}`);
  }
  for (const plan of plans) {
    work.copying(plan.definition.name);
    work.copied(await copyOne(work, plan));
  }
  for (const plan of plans) for (const sql of plan.foreignKeys) await session.query(sql);
  return plans.flatMap(({ notCopied }) => notCopied);
}

async function copyOne({ session, schema, shareOf, now }: CopyWork, plan: CopyPlan): Promise<CopiedTable> {
  const { definition, create, finish } = plan;
  const began = now();
  const share = shareOf(definition);
  for (const sql of create) await session.query(sql);
  const { rowCount } = await session.query(fillSql(plan, schema, share));
  for (const sql of finish) await session.query(sql);
  await positions(session, schema, definition);
  const copy = quoteQualified({ schema, name: definition.name });
  await session.query(`ANALYZE ${copy}`);
  const { rows } = await session.query(
    'SELECT pg_catalog.pg_total_relation_size(CAST($1 AS pg_catalog.regclass)) AS bytes',
    [copy],
  );
  return {
    table: definition.name,
    rows: rowCount ?? 0,
    share,
    bytes: asNumber(rows[0]?.['bytes']),
    seconds: (now() - began) / 1000,
  };
}

/** The copies' sequences stand where the real ones do; reading these moves none of them. */
async function positions(session: Session, schema: string, definition: TableDefinition): Promise<void> {
  for (const sequence of definition.sequences) {
    const real = quoteQualified(sequence);
    const own = quoteQualified({ schema, name: sequence.name });
    await session.query(
      `SELECT pg_catalog.setval(CAST($1 AS pg_catalog.regclass), s.last_value, s.is_called) FROM ${real} s`,
      [own],
    );
  }
}

const USED = `
  SELECT DISTINCT n.nspname AS schema, s.relname AS name
    FROM pg_catalog.pg_attrdef d
    JOIN pg_catalog.pg_depend p ON p.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                               AND p.objid OPERATOR(pg_catalog.=) d.oid
                               AND p.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_class s ON s.oid OPERATOR(pg_catalog.=) p.refobjid AND s.relkind OPERATOR(pg_catalog.=) 'S'::pg_catalog."char"
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) s.relnamespace
   WHERE d.adrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])`;

/** Sequences that defaults of the tables draw from, in the tables' own schema. */
async function otherSequences(session: Session, definitions: readonly TableDefinition[]): Promise<string[]> {
  const { rows } = await session.query(USED, [arrayLiteral(definitions.map(({ oid }) => oid))]);
  return rows.map((row) => asText(row['name']));
}

/** Sequences of other schemas that defaults draw from: a copy would move them. One sentence each. */
export async function foreignSequences(
  session: Session,
  definitions: readonly TableDefinition[],
): Promise<string[]> {
  const own = definitions[0]?.schema;
  const { rows } = await session.query(USED, [arrayLiteral(definitions.map(({ oid }) => oid))]);
  return rows
    .filter((row) => asText(row['schema']) !== own)
    .map((row) => `A default draws from the sequence ${asText(row['name'])} of another schema.`);
}
