/** Statements about objects that the catalog alone does not decide: CREATE OR REPLACE, and what it does not show. */
import type { CreateFunctionStmt, Node } from '@pgsql/types';
import { functionLike } from '../objects/like.ts';
import { maySame, objectKey, objectName } from '../objects/keys.ts';
import { definedOptions } from '../objects/alter.ts';
import type { ObjectEffect } from '../objects/types.ts';
import { textsOf } from '../parse-tree.ts';
import type { Catalog, Statement } from '../types.ts';

/** True where a statement does something that the catalog shows in no fact. */
export function isHidden(effect: ObjectEffect): boolean {
  if (effect.verb === 'replace' || effect.verb === 'refresh') return true;
  return effect.verb === 'alter' && Object.keys(effect.sets).length === 0;
}

const text = (node: Node | undefined): string | null =>
  node && 'String' in node ? (node.String.sval ?? '') : null;
const flag = (node: Node | undefined): boolean =>
  node !== undefined && 'Boolean' in node && node.Boolean.boolval === true;

const VOLATILITY: Readonly<Record<string, string>> = { immutable: 'i', stable: 's', volatile: 'v' };
const PARALLEL: Readonly<Record<string, string>> = { safe: 's', restricted: 'r', unsafe: 'u' };

/** What the statement would leave of the function, where every option of it is one that is compared. */
export function likeOfStatement(create: CreateFunctionStmt): string | null {
  const like = {
    body: null as string | null,
    language: 'sql',
    volatility: 'v',
    strict: false,
    definer: false,
    leakproof: false,
    parallel: 'u',
  };
  for (const { defname, arg } of definedOptions(create.options)) {
    if (defname === 'as')
      like.body =
        arg && 'List' in arg && textsOf(arg.List.items).length === 1
          ? (textsOf(arg.List.items)[0] ?? null)
          : null;
    else if (defname === 'language') like.language = (text(arg) ?? '').toLowerCase();
    else if (defname === 'volatility') like.volatility = VOLATILITY[text(arg) ?? ''] ?? '?';
    else if (defname === 'parallel') like.parallel = PARALLEL[text(arg) ?? ''] ?? '?';
    else if (defname === 'strict') like.strict = flag(arg);
    else if (defname === 'security') like.definer = flag(arg);
    else if (defname === 'leakproof') like.leakproof = flag(arg);
    else return null;
  }
  return like.body === null ? null : functionLike({ ...like, body: like.body });
}

/** Whether the object is the one that the statement makes; null where that cannot be told. */
export function isMade(statement: Statement, effect: ObjectEffect, catalog: Catalog): boolean | null {
  const state = catalog.objects?.[objectKey(effect, catalog.schema)];
  if (!state) return state === null ? false : null;
  if (!('CreateFunctionStmt' in statement.tree)) return null;
  const like = likeOfStatement(statement.tree.CreateFunctionStmt);
  return like === null || state.like === null ? null : like === state.like;
}

interface Verdict {
  state: 'applied' | 'pending';
  reason: string;
}

/** Null: the order of the statements decides. Running it again does no harm, so that pending is never wrong. */
export function fromObject(
  statement: Statement,
  catalog: Catalog,
  later: readonly Statement[],
  done: boolean,
): Verdict | null {
  const effect = statement.effects.find((one): one is ObjectEffect => one.kind === 'object');
  if (!effect || statement.effects.some((one) => one.kind !== 'object')) return null;
  const name = objectName(effect);
  const state = catalog.objects?.[objectKey(effect, catalog.schema)];
  const journal: Verdict | null =
    done && state ? { state: 'applied', reason: `The journal says so, and ${name} is there.` } : null;
  if (effect.verb !== 'replace') return journal;
  const made = isMade(statement, effect, catalog);
  if (made === true) return { state: 'applied', reason: `${name} is as the statement makes it.` };
  const again = later.some(({ effects }) =>
    effects.some((one) => one.kind === 'object' && maySame(one, effect, catalog.schema)),
  );
  if (made === false && !again)
    return { state: 'pending', reason: `${name} is not as the statement makes it.` };
  return journal;
}

/**
 * A part of the step that only drops objects and makes others of the same names: the catalog looks the same before and
 * after it. Run again it ends in the same, so that it counts as done only where it can be told.
 */
export function mayBeginAgain(between: readonly Statement[], catalog: Catalog): boolean {
  const effects = between.flatMap((statement) => statement.effects.map((effect) => ({ statement, effect })));
  if (effects.length === 0 || !effects.every(({ effect }) => effect.kind === 'object')) return false;
  return effects.some(
    ({ statement, effect }) =>
      effect.kind === 'object' &&
      (effect.verb === 'create' || effect.verb === 'replace') &&
      isMade(statement, effect, catalog) !== true,
  );
}
