/** Types that a step gave other names, or exchanged: columns of them are compared under the names of before. Pure. */
import { quoteIdent } from '../types-of.ts';
import type { TableDefinition } from '../definition.ts';
import type { ObjectState } from '../objects/types.ts';
import type { UndoFacts } from './types.ts';

/** As format_type writes it for the step's schema. */
function spelled({ schema, name }: ObjectState, home: string): string {
  return schema === home ? quoteIdent(name) : `${quoteIdent(schema)}.${quoteIdent(name)}`;
}

/**
 * Present spelling → that of before, for each type or domain of the record. Which type it is its number tells: one that
 * has the name of another has no name of before.
 */
function namesBefore({ step: { record }, objects = {} }: UndoFacts): Map<string, string> {
  const entries = (record.objects?.objects ?? []).filter(
    ({ ref }) => ref.type === 'type' || ref.type === 'domain',
  );
  const names = new Map<string, string>();
  for (const { key, before } of entries) {
    const now = objects[key];
    if (!now) continue;
    const name = spelled(now, record.schema);
    const was = entries.find((one) => one.before?.oid === now.oid)?.before;
    const old = was ? spelled(was, record.schema) : before ? `${name} of the rollback` : name;
    if (old !== name) names.set(name, old);
  }
  return names;
}

/** A cast to the type, as the server writes it into defaults and expressions. */
function recast(expression: string | null, names: ReadonlyMap<string, string>): string | null {
  if (expression === null) return null;
  return expression.replace(
    /::((?:"(?:[^"]|"")+"|[a-z_][\w$]*)(?:\.(?:"(?:[^"]|"")+"|[a-z_][\w$]*))?)/g,
    (whole, type: string) => (names.has(type) ? `::${names.get(type) ?? type}` : whole),
  );
}

/** The facts with the tables' columns under the types' names of before. */
export function withTypeNames(facts: UndoFacts): UndoFacts {
  const names = namesBefore(facts);
  if (names.size === 0) return facts;
  const named = (table: TableDefinition): TableDefinition => ({
    ...table,
    columns: table.columns.map((column) => {
      const [, element = column.type, array = ''] = /^(.*?)((?:\[\])*)$/s.exec(column.type) ?? [];
      const old = names.get(element);
      return {
        ...column,
        ...(old === undefined ? {} : { type: `${old}${array}` }),
        default: recast(column.default, names),
        expression: recast(column.expression, names),
      };
    }),
  });
  return { ...facts, now: facts.now.map(named), kept: facts.kept.map(named) };
}
