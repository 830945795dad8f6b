/**
 * Why a form would lose or break something. Each form has the list of what it is known to be right for (measured:
 * mechanics §3g, and the tests); whatever is not on it refuses the form.
 */
import type { Attachment } from '../../postgres/types.ts';
import { notMadeAgain } from '../definition-sql.ts';
import type { TableDefinition } from '../definition.ts';
import { parseOne } from '../parse.ts';
import { textsOf } from '../parse-tree.ts';
import { statisticsUse } from './definitions.ts';
import type { Mapping } from './mapping.ts';
import { columnsOf, expressionOf } from './nodes.ts';

/** What hangs on a table and is told of by the definition, or follows names and not the table. */
const OWN = [
  'check constraint',
  'column comment',
  'column grant',
  'comment',
  'event trigger',
  'foreign key of the table',
  'function that names the table',
  'generated column',
  'grant',
  'index',
  'key or exclusion constraint',
  'replica identity',
  'row-level security',
  'statistics',
  'storage parameters',
];

/** Beyond these: bound to the table itself, which the rewrite leaves in place; or looked at in the definition. */
const STAYS = [
  'policy',
  'security label',
  'sequence used elsewhere',
  'tablespace',
  'trigger',
  'foreign key to the table',
];

const KINDS: Readonly<Record<string, string>> = { b: 'trigger', f: 'foreign key' };

export interface RefusalFacts {
  mapping: Mapping;
  /** Those of the whole plan; other tables' are left out here. */
  attachments: readonly Attachment[];
  /** Names of the tables that attachments may be of: one of an unknown table is taken to be of this one. */
  tables: readonly string[];
  /** The connection's user; null where it is not known. */
  user: { name: string; superuser: boolean } | null;
}

function attached({ mapping, attachments, tables }: RefusalFacts): Attachment[] {
  const others = tables.filter((table) => table !== mapping.before.name);
  return attachments.filter(({ table }) => !others.includes(table));
}

function labelled({ kind, name }: Attachment): string {
  return name === '' ? kind : `${kind} ${name}`;
}

/** Neither form keeps these right. */
function always(table: TableDefinition): string[] {
  const reasons: string[] = [];
  if (table.kind !== 'r') reasons.push(`${table.name} is not an ordinary table.`);
  if (table.persistence !== 'p') reasons.push(`${table.name} is unlogged or temporary.`);
  if (table.parents.length > 0 || table.children.length > 0)
    reasons.push(`${table.name} inherits from another table, or is inherited from.`);
  for (const { name } of table.rules) reasons.push(`The rule ${name} would not see the change.`);
  for (const { name } of table.publications)
    reasons.push(`The publication ${name} would not tell its subscribers of the changed rows.`);
  for (const { name, type, validated } of table.constraints)
    if (!validated && type !== 'n') reasons.push(`The constraint ${name} has not been validated.`);
  if (!table.constraints.some(({ type }) => type === 'p'))
    reasons.push(`${table.name} has no primary key: an undo could not tell its rows apart.`);
  return reasons;
}

/** Copy-and-swap: everything that the new table is not given would stay on the old one. */
export function copyRefusals(facts: RefusalFacts): string[] {
  const { mapping, user } = facts;
  const { before, after } = mapping;
  const reasons = always(before);
  for (const one of attached(facts))
    if (!OWN.includes(one.kind)) reasons.push(`The ${labelled(one)} would stay with the old table.`);
  for (const { name } of before.triggers) reasons.push(`The trigger ${name} would stay with the old table.`);
  for (const { name } of before.policies) reasons.push(`The policy ${name} would stay with the old table.`);
  for (const { name, type } of [...before.constraints, ...after.constraints])
    if (!['p', 'u', 'c', 'n'].includes(type))
      reasons.push(`The ${KINDS[type] ?? 'constraint'} ${name} would stay with the old table.`);
  for (const { name } of before.sequences)
    reasons.push(`The sequence ${name} belongs to a column of the old table.`);
  for (const { name, default: value } of before.columns)
    if (/\bnextval\(/.test(value ?? '')) reasons.push(`The column ${name} draws its values from a sequence.`);
  for (const { name, identity } of before.columns)
    if (identity !== '') reasons.push(`${name} is an identity column.`);
  if (before.replicaIdentity === 'i') reasons.push('The replica identity is an index.');
  if (before.rowSecurity.forced) reasons.push('Row-level security is forced: the copy could leave rows out.');
  for (const { name, valid } of before.indexes) if (!valid) reasons.push(`The index ${name} is not valid.`);
  if (before.tablespace !== null || before.indexes.some(({ tablespace }) => tablespace))
    reasons.push('The table or an index of it is in a tablespace of its own.');
  if (user && !user.superuser && user.name !== before.owner)
    reasons.push(
      `${before.name} belongs to ${before.owner}, and only a superuser could give the new table to them.`,
    );
  reasons.push(...generatedReasons(mapping), ...notMadeAgain(before));
  return [...new Set(reasons)];
}

function generatedReasons({ before, dropped }: Mapping): string[] {
  return before.columns.flatMap((column) => {
    if (column.expression === null || dropped.includes(column.name)) return [];
    const used = columnsOf(expressionOf(column.expression)).find((each) => dropped.includes(each));
    return used === undefined ? [] : [`${column.name} is generated from ${used}, which the step drops.`];
  });
}

const ON_UPDATE = 1 << 4;

/** pg_trigger.tgtype as the parser keeps it (TRIGGER_TYPE_UPDATE); columns named in it cannot change their type. */
function triggerReasons({ before }: Mapping, changed: readonly string[]): string[] {
  return before.triggers.flatMap(({ name, definition, enabled }) => {
    const tree = parseOne(definition);
    if (!('CreateTrigStmt' in tree)) return [`The trigger ${name} could not be read.`];
    const { events = 0, columns, whenClause } = tree.CreateTrigStmt;
    if ((events & ON_UPDATE) !== 0 && enabled !== 'D')
      return [`The trigger ${name} runs at every UPDATE, and would not run.`];
    const named = textsOf(columns).find((column) => changed.includes(column));
    if (named !== undefined || whenClause)
      return [`The trigger ${name} names columns whose values are written anew.`];
    return [];
  });
}

/** Rewrite: the table stays, so most of what hangs on it follows; what the server refuses or nobody hears of does not. */
export function rewriteRefusals(facts: RefusalFacts): string[] {
  const { mapping } = facts;
  const { before } = mapping;
  const changed = mapping.columns
    .filter((one) => one.changed && one.original !== null)
    .map((one) => one.original ?? '');
  const reasons = always(before);
  const kept = [...OWN, ...STAYS];
  for (const one of attached(facts)) {
    if (VIEWS.includes(one.kind)) {
      if (changed.length > 0)
        reasons.push(
          `The ${labelled(one)} may use ${listed(changed)}: the server refuses to write these anew under it.`,
        );
    } else if (!kept.includes(one.kind))
      reasons.push(`The ${labelled(one)} would break, or not see the change.`);
  }
  const touches = (columns: readonly string[]): string | undefined =>
    columns.find((each) => changed.includes(each));
  for (const { name, type, columns } of before.constraints) {
    const used = touches(columns);
    if (type === 'f' && used !== undefined)
      reasons.push(`The foreign key ${name} is on ${used}, which is written anew.`);
  }
  if (attached(facts).some(({ kind }) => kind === 'foreign key to the table')) {
    const key = before.indexes.find((index) => index.unique && touches(index.columns) !== undefined);
    if (key)
      reasons.push(
        `A foreign key of another table may point at ${listed(key.columns)}, which is written anew.`,
      );
  }
  if (before.policies.length > 0 && changed.length > 0)
    reasons.push(`A policy may use ${listed(changed)}: the server refuses to write these anew under it.`);
  if (before.replicaIdentity === 'i') {
    const index = before.indexes.find(({ name }) => name === before.replicaIndex);
    if (index && touches(index.columns) !== undefined)
      reasons.push(`The replica identity is the index ${index.name}, which would be built anew.`);
  }
  for (const one of before.statistics)
    if (changed.some((column) => statisticsUse(one, column)))
      reasons.push(`The statistics ${one.name} would be made anew, and lose their settings.`);
  for (const column of before.columns) {
    if (column.expression === null || mapping.dropped.includes(column.name)) continue;
    const used = touches(columnsOf(expressionOf(column.expression)));
    if (used !== undefined) reasons.push(`${column.name} is generated from ${used}, which is written anew.`);
  }
  if (before.rowSecurity.forced)
    reasons.push('Row-level security is forced: an UPDATE would leave rows out.');
  return [...new Set([...reasons, ...triggerReasons(mapping, changed)])];
}

const VIEWS = ['view', 'materialized view', 'rule of another table', 'function with a parsed body'];

function listed(columns: readonly string[]): string {
  return columns.length < 2
    ? columns.join('')
    : `${columns.slice(0, -1).join(', ')} and ${columns.at(-1) ?? ''}`;
}
