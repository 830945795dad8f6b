/** What a failure is known by beside the server's words: its SQLSTATE, the objects it is about, where the database stands. */
import { tablesOf } from '../../sql/tables-of.ts';
import type { DatabaseError } from '../../sql/session.ts';
import type { Catalog, Plan, Position, Risk } from '../../sql/types.ts';
import type { Attachment, Prerequisite } from '../types.ts';
import { signOf } from './sqlstates.ts';

export interface Clue {
  sqlstate: string;
  /** Tables, columns, constraints, types: as the server or the catalog names them. */
  objects: string[];
  /** What a runbook's entry about this says in its title or cause; absent: only names can tell. */
  sign?: RegExp;
  /** Of a missing table: the plan names it, so that its absence says where the database stands. */
  ofPlan?: boolean;
}

/** A name is only a clue when it is no everyday word. */
const SHORTEST_NAME = 4;

const named = (names: readonly (string | undefined)[]): string[] =>
  [...new Set(names.filter((name) => name !== undefined && name.length >= SHORTEST_NAME))] as string[];

/** A dependent that is a constraint, in the server's own language: `constraint a on table b depends on …`. */
const DEPENDING = /^(\w[\w ]*?) (\S+)(?: on table (\S+))? depends on/gm;

/** What the server names: its fields, and whatever stands in double quotes in the message and the detail. */
function objectsOf({ message, more }: DatabaseError): string[] {
  const { constraint, table, column, detail = '' } = more;
  const quoted = [...`${message} ${detail}`.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
  const depending = [...detail.matchAll(DEPENDING)].flatMap((match) => [match[2], match[3]]);
  return named([constraint, table, column, ...quoted, ...depending]);
}

/** dependent_objects_still_exist (manual, errcodes-appendix): what depends may be a view as well as a foreign key. */
function signFor({ sqlstate, more }: DatabaseError): RegExp | undefined {
  if (sqlstate !== '2BP01') return signOf(sqlstate);
  const kinds = [...(more.detail ?? '').matchAll(DEPENDING)].map((match) => match[1]);
  if (kinds.length === 0 || kinds.includes('constraint')) return signOf(sqlstate);
  return new RegExp(`depend|${kinds.join('|')}`, 'i');
}

const MISSING_TABLE = '42P01';

/** @param plan absent: whether a missing table is one of the plan's is not known */
export function clueOf(error: DatabaseError, plan?: Plan): Clue {
  const objects = objectsOf(error);
  const sign = signFor(error);
  const known = plan ? new Set(tablesOf(plan)) : null;
  return {
    sqlstate: error.sqlstate,
    objects,
    ...(sign ? { sign } : {}),
    ...(error.sqlstate === MISSING_TABLE && known
      ? { ofPlan: objects.some((name) => known.has(name.split('.').at(-1) ?? name)) }
      : {}),
  };
}

const clue = (sqlstate: string, objects: readonly (string | undefined)[] = []): Clue => {
  const sign = signOf(sqlstate);
  return { sqlstate, objects: named(objects), ...(sign ? { sign } : {}) };
};

export interface Standing {
  plan: Plan;
  catalog: Catalog;
  position: Position;
  risk: Risk;
  attachments: readonly Attachment[];
}

/** Tables that a statement in conflict would need and does not find, and those whose name it finds taken. */
export function standsInTheWay({
  plan,
  catalog,
  position,
}: Pick<Standing, 'plan' | 'catalog' | 'position'>): {
  missing: string[];
  taken: string[];
} {
  const missing: string[] = [];
  const taken: string[] = [];
  for (const step of plan.steps) {
    const states = position.steps.find(({ id }) => id === step.id)?.statements ?? [];
    for (const statement of step.statements) {
      if (states.find(({ index }) => index === statement.index)?.state !== 'conflict') continue;
      for (const effect of statement.effects) {
        if (effect.kind === 'rename-table') {
          if (catalog.tables[effect.to]) taken.push(effect.to);
          else if (!catalog.tables[effect.from]) missing.push(effect.from, effect.to);
        } else if (effect.kind === 'create-table') {
          if (catalog.tables[effect.table]) taken.push(effect.table);
        } else if ('table' in effect && !catalog.tables[effect.table]) missing.push(effect.table);
      }
    }
  }
  return { missing: named(missing), taken: named(taken) };
}

const KINDS = { cast: '22P02', length: '22001', 'not-null': '23502' } as const;

/** Which SQLSTATE each prerequisite foretells, and about what. */
const FORETOLD: Readonly<Record<string, (standing: Standing) => Clue[]>> = {
  state(standing) {
    const { missing, taken } = standsInTheWay(standing);
    if (taken.length > 0) return [clue('42P07', taken)];
    return [{ ...clue(MISSING_TABLE, missing), ofPlan: true }];
  },
  fingerprint: (standing) => {
    const { taken } = standsInTheWay(standing);
    return taken.length > 0 ? [clue('42P07', taken)] : [];
  },
  values: ({ risk }) => risk.failing.map(({ kind, table, column }) => clue(KINDS[kind], [table, column])),
  attachments: ({ attachments }) =>
    attachments
      .filter(({ outcome }) => outcome === 'breaks')
      .map(({ kind, table, name }) =>
        kind.includes('foreign key')
          ? clue('23503', [table, name])
          : { sqlstate: '2BP01', objects: named([name]) },
      ),
  privileges: () => [clue('42501')],
  extension: () => [clue('42704')],
  activity: () => [clue('55P03')],
  disk: () => [clue('53100')],
  primary: () => [clue('25006')],
};

/** What a prerequisite that is not met would have failed with; empty where no statement would have. */
export const foretold = ({ id }: Pick<Prerequisite, 'id'>, standing: Standing): Clue[] =>
  FORETOLD[id]?.(standing) ?? [];
