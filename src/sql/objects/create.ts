/** Statements that make an object. */
import type {
  CreateFunctionStmt,
  CreatePolicyStmt,
  CreateSchemaStmt,
  CreateSeqStmt,
  CreateStatsStmt,
  CreateTableAsStmt,
  CreateTrigStmt,
  Node,
  RuleStmt,
  ViewStmt,
} from '@pgsql/types';
import { functionsIn, tablesIn, tableText, textsOf } from '../parse-tree.ts';
import { onlyComputes } from '../effects-functions.ts';
import { typeNameOf } from '../types-of.ts';
import { sequenceSettings } from './alter.ts';
import { castEffects, defineEffects, eventTriggerEffects, publicationEffects } from './defined.ts';
import type { Outcome } from './effects.ts';
import { effect, onTable, placed, relationRef } from './names.ts';
import type { ObjectRef, ObjectVerb } from './types.ts';

const made = (replaces: boolean | undefined): ObjectVerb => (replaces ? 'replace' : 'create');

function viewEffects({ view, query, replace }: ViewStmt): Outcome {
  if (view?.relpersistence === 't') return 'the view is temporary';
  const again = replace === true;
  return [effect(relationRef('view', view), made(replace), { reads: tablesIn(query), again })];
}

/** The query is run: what it calls may do more than compute. Null for CREATE TABLE AS. */
function materialized({ query, into, objtype, if_not_exists: there }: CreateTableAsStmt): Outcome | null {
  if (objtype !== 'OBJECT_MATVIEW') return null;
  const unknown = into?.skipData ? undefined : functionsIn(query).find((name) => !onlyComputes(name));
  if (unknown !== undefined) return `it calls ${unknown}(), which may do more than compute a value`;
  const ref = relationRef('materialized view', into?.rel);
  return [effect(ref, 'create', { reads: tablesIn(query), ifNotExists: there === true })];
}

function sequenceEffects({ sequence, options, if_not_exists: there }: CreateSeqStmt): Outcome {
  if (sequence?.relpersistence === 't') return 'the sequence is temporary';
  const ifNotExists = there === true;
  const sets = ifNotExists ? {} : sequenceSettings(options);
  return [effect(relationRef('sequence', sequence), 'create', { sets, ifNotExists })];
}

const INPUT = ['FUNC_PARAM_DEFAULT', 'FUNC_PARAM_IN', 'FUNC_PARAM_INOUT', 'FUNC_PARAM_VARIADIC'];

export function signatureOf({ parameters = [] }: CreateFunctionStmt): string[] {
  const inputs = parameters.flatMap((node) =>
    'FunctionParameter' in node && INPUT.includes(node.FunctionParameter.mode ?? '')
      ? [node.FunctionParameter]
      : [],
  );
  return inputs.map(({ argType }) => typeNameOf(argType));
}

function functionEffects(create: CreateFunctionStmt): Outcome {
  const type = create.is_procedure ? 'procedure' : 'function';
  const ref: ObjectRef = { ...placed(type, textsOf(create.funcname)), signature: signatureOf(create) };
  return [effect(ref, made(create.replace), { again: create.replace === true })];
}

function triggerEffects({ trigname, relation, replace, constrrel }: CreateTrigStmt): Outcome {
  return [
    effect(onTable('trigger', trigname ?? '', relation), made(replace), {
      again: replace === true,
      ...(replace ? {} : { sets: { enabled: 'O' } }),
      reads: constrrel ? [tableText(constrrel)] : [],
    }),
  ];
}

function schemaEffects({
  schemaname,
  schemaElts,
  authrole,
  if_not_exists: there,
}: CreateSchemaStmt): Outcome {
  if ((schemaElts ?? []).length > 0) return 'it makes objects of its own in the schema';
  if (!schemaname) return 'the schema is named after a role';
  const owner = authrole?.roletype === 'ROLESPEC_CSTRING' ? authrole.rolename : undefined;
  const ifNotExists = there === true;
  const sets: Record<string, string> = owner === undefined || ifNotExists ? {} : { owner };
  return [effect({ type: 'schema', name: schemaname }, 'create', { ifNotExists, sets })];
}

function statisticsEffects({ defnames, relations, if_not_exists: there }: CreateStatsStmt): Outcome {
  const [table] = (relations ?? []).flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
  if ((defnames ?? []).length === 0 || !table) return 'the statistics have no name';
  const ref = placed('statistics', textsOf(defnames));
  return [effect(ref, 'create', { ifNotExists: there === true, reads: tablesIn(relations) })];
}

const policyEffects = ({ policy_name: name, table }: CreatePolicyStmt): Outcome => [
  effect(onTable('policy', name ?? '', table), 'create'),
];

const ruleEffects = ({ rulename, relation, replace }: RuleStmt): Outcome => [
  effect(onTable('rule', rulename ?? '', relation), made(replace), { again: replace === true }),
];

/** Null for statements that make nothing of these. */
export function makingEffects(tree: Node): Outcome | null {
  if ('ViewStmt' in tree) return viewEffects(tree.ViewStmt);
  if ('CreateTableAsStmt' in tree) return materialized(tree.CreateTableAsStmt);
  if ('CreateSeqStmt' in tree) return sequenceEffects(tree.CreateSeqStmt);
  if ('CreateFunctionStmt' in tree) return functionEffects(tree.CreateFunctionStmt);
  if ('CreateTrigStmt' in tree) return triggerEffects(tree.CreateTrigStmt);
  if ('CreatePolicyStmt' in tree) return policyEffects(tree.CreatePolicyStmt);
  if ('RuleStmt' in tree) return ruleEffects(tree.RuleStmt);
  if ('CreateSchemaStmt' in tree) return schemaEffects(tree.CreateSchemaStmt);
  if ('DefineStmt' in tree) return defineEffects(tree.DefineStmt);
  if ('CreateCastStmt' in tree) return castEffects(tree.CreateCastStmt);
  if ('CreateEventTrigStmt' in tree) return eventTriggerEffects(tree.CreateEventTrigStmt);
  if ('CreatePublicationStmt' in tree) return publicationEffects(tree.CreatePublicationStmt);
  if ('CreateStatsStmt' in tree) return statisticsEffects(tree.CreateStatsStmt);
  if ('CreateEnumStmt' in tree) {
    const { typeName, vals } = tree.CreateEnumStmt;
    const labels = textsOf(vals);
    const each = labels.map((label): [string, string] => [`label:${label}`, 'yes']);
    const sets = { ...Object.fromEntries(each), labels: JSON.stringify(labels) };
    return [effect(placed('type', textsOf(typeName)), 'create', { sets })];
  }
  if ('CompositeTypeStmt' in tree)
    return [effect(relationRef('type', tree.CompositeTypeStmt.typevar), 'create')];
  if ('CreateRangeStmt' in tree)
    return [effect(placed('type', textsOf(tree.CreateRangeStmt.typeName)), 'create')];
  if ('CreateDomainStmt' in tree)
    return [effect(placed('domain', textsOf(tree.CreateDomainStmt.domainname)), 'create')];
  return null;
}
