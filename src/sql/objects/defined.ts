/** CREATE AGGREGATE, OPERATOR, CAST, COLLATION, TEXT SEARCH …, EVENT TRIGGER and PUBLICATION, and small ALTERs. */
import type {
  AlterEventTrigStmt,
  AlterStatsStmt,
  CreateCastStmt,
  CreateEventTrigStmt,
  CreatePublicationStmt,
  DefElem,
  DefineStmt,
  Node,
} from '@pgsql/types';
import { tableText, textsOf } from '../parse-tree.ts';
import { typeNameOf } from '../types-of.ts';
import { definedOptions } from './alter.ts';
import { effect, placed } from './names.ts';
import type { ObjectEffect, ObjectRef } from './types.ts';

type Outcome = ObjectEffect[] | string;

function typeOption(options: readonly DefElem[], name: string): string {
  const arg = options.find(({ defname }) => defname === name)?.arg;
  return arg && 'TypeName' in arg ? typeNameOf(arg.TypeName) : 'NONE';
}

/** Null where the old way of writing an aggregate leaves its types to an option. */
function aggregateSignature(args: readonly Node[] | undefined): string[] | null {
  const [list] = args ?? [];
  if (!list) return null;
  const items = 'List' in list ? (list.List.items ?? []) : [];
  return items.map((node) => ('FunctionParameter' in node ? typeNameOf(node.FunctionParameter.argType) : ''));
}

export function defineEffects(define: DefineStmt): Outcome {
  const parts = textsOf(define.defnames);
  const options = definedOptions(define.definition);
  const made = (ref: ObjectRef, more: Partial<ObjectEffect> = {}): ObjectEffect[] => [
    effect(ref, define.replace ? 'replace' : 'create', {
      ifNotExists: define.if_not_exists === true,
      again: define.replace === true,
      ...more,
    }),
  ];
  switch (define.kind) {
    case 'OBJECT_AGGREGATE': {
      const signature = define.oldstyle ? null : aggregateSignature(define.args);
      if (define.replace) return 'replacing an aggregate is not covered';
      return signature === null
        ? 'an aggregate written in the old way is not covered'
        : made({ ...placed('aggregate', parts), signature });
    }
    case 'OBJECT_OPERATOR':
      return made({
        ...placed('operator', parts),
        signature: [typeOption(options, 'leftarg'), typeOption(options, 'rightarg')],
      });
    case 'OBJECT_COLLATION':
      return made(placed('collation', parts));
    case 'OBJECT_TSCONFIGURATION':
      return made(placed('text search configuration', parts));
    case 'OBJECT_TSDICTIONARY':
      return made(placed('text search dictionary', parts));
    default:
      return 'this kind of object is not covered';
  }
}

export function castEffects({ sourcetype, targettype }: CreateCastStmt): Outcome {
  return [
    effect({ type: 'cast', name: '', signature: [typeNameOf(sourcetype), typeNameOf(targettype)] }, 'create'),
  ];
}

export function eventTriggerEffects({ trigname = '' }: CreateEventTrigStmt): Outcome {
  return [effect({ type: 'event trigger', name: trigname }, 'create', { sets: { enabled: 'O' } })];
}

export function alterEventTrigger({ trigname = '', tgenabled = '' }: AlterEventTrigStmt): Outcome {
  const ref: ObjectRef = { type: 'event trigger', name: trigname };
  return [effect(ref, 'alter', { sets: { enabled: tgenabled }, again: true })];
}

export function publicationEffects({ pubname = '', pubobjects }: CreatePublicationStmt): Outcome {
  const reads = (pubobjects ?? []).flatMap((node) =>
    'PublicationObjSpec' in node && node.PublicationObjSpec.pubtable?.relation
      ? [tableText(node.PublicationObjSpec.pubtable.relation)]
      : [],
  );
  return [effect({ type: 'publication', name: pubname }, 'create', { reads })];
}

/** -1 is the default (manual, sql-alterstatistics). */
export function alterStatistics({ defnames, stxstattarget, missing_ok: ifExists }: AlterStatsStmt): Outcome {
  if (ifExists) return 'IF EXISTS would do nothing, and say nothing, when it is missing';
  const target = stxstattarget && 'Integer' in stxstattarget ? (stxstattarget.Integer.ival ?? 0) : -1;
  return [
    effect(placed('statistics', textsOf(defnames)), 'alter', {
      sets: { target: String(target) },
      again: true,
    }),
  ];
}
