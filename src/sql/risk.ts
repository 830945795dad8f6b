/**
 * What would be lost, invented or fail if the pending statements of a plan ran: counted on the real rows, before
 * anything runs, by SELECTs alone.
 *
 * Each table's contents are carried through the statements as a query over what it holds now, so that a later
 * statement is judged on what the earlier ones will have left.
 */
import type { Node } from '@pgsql/types';
import { wholeColumn } from './risk/facts.ts';
import { NotFollowed, type Context } from './risk/context.ts';
import { assessDelete } from './risk/delete.ts';
import { assessAlong, loseRelatives } from './risk/family.ts';
import { Findings } from './risk/findings.ts';
import { assessInsert } from './risk/insert.ts';
import { columnsRead, Lineage } from './risk/lineage.ts';
import { Questions } from './risk/questions.ts';
import { assessCatalogEffects, lose } from './risk/schema.ts';
import { taken } from './risk/taken.ts';
import { assessUpdate } from './risk/update.ts';
import { World } from './contents.ts';
import { rowsAfter } from './risk/rows-after.ts';
import { madeOf } from './effects-create-as.ts';
import { isComposed, rowParts } from './parts/index.ts';
import { assessParts } from './risk/parts.ts';
import { deletionsOf } from './deletion.ts';
import { loadParser } from './parse.ts';
import { DatabaseError, type Session } from './session.ts';
import type { AssessedRisk, Catalog, Effect, Plan, Position, Statement } from './types.ts';

/** The tables that a statement writes. */
function written(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    'table' in effect && effect.kind !== 'create-index' ? [effect.table] : [],
  );
}

/** The FROM list of the statement itself: what it reads besides the table it writes. */
function parts(tree: Node): { from: Node[]; values: unknown; assigned: { column: string; node: Node }[] } {
  const target = (node: Node): { column: string; node: Node }[] =>
    'ResTarget' in node && node.ResTarget.val
      ? [{ column: node.ResTarget.name ?? '', node: node.ResTarget.val }]
      : [];
  if ('UpdateStmt' in tree) {
    const { relation, fromClause = [], targetList = [], whereClause } = tree.UpdateStmt;
    const own: Node[] = relation ? [{ RangeVar: relation }] : [];
    return {
      from: [...own, ...fromClause],
      values: [targetList, whereClause, fromClause],
      assigned: targetList.flatMap(target),
    };
  }
  if ('InsertStmt' in tree) return { from: [], values: tree.InsertStmt.selectStmt, assigned: [] };
  const made = madeOf(tree);
  if (made) return { from: [], values: { SelectStmt: made.query }, assigned: [] };
  return { from: [], values: null, assigned: [] };
}

function writingOf({ effects: [first] }: Statement): { table: string; reads: readonly string[] } | null {
  if (first?.kind === 'create-table' && first.as && !first.as.empty)
    return { table: first.table, reads: first.as.reads };
  return first?.kind === 'update' || first?.kind === 'insert' ? first : null;
}

/** Remembers which tables a statement takes rows from. Must come before the statement changes anything. */
function remember(context: Context, statement: Statement, applied: boolean): void {
  const { lineage, catalog, findings } = context;
  const { from, values, assigned } = parts(statement.tree);
  const writing = isComposed(statement) ? null : writingOf(statement);
  if (writing === null) return;
  const into = writing.table;
  const own = lineage.id(into);
  for (const [table, columns] of columnsRead(values, from, catalog)) {
    const id = lineage.id(table);
    if (id === own) for (const column of columns) lineage.parts.set(`${id}.${column}`, findings.place);
    else if (writing.reads.includes(table))
      lineage.readings.push({ id, at: findings.place, into, columns, used: null, applied });
  }
  if (!applied) return;
  for (const { column, node } of assigned) {
    const whole = wholeColumn(node);
    if (whole)
      lineage.copies.push({
        id: own,
        column: whole.at(-1) ?? '',
        toId: own,
        toColumn: column,
        at: findings.place,
        applied,
        reached: true,
      });
  }
}

/** What an applied statement has done to names. */
function followNames({ lineage }: Context, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'rename-table') lineage.renameTable(effect.from, effect.to);
    if (effect.kind === 'rename-column') lineage.renameColumn(effect.table, effect.from, effect.to);
  }
}

async function assess(context: Context, statement: Statement): Promise<void> {
  const { tree, effects } = statement;
  const strange = effects.find((effect) => effect.kind === 'not-understood');
  if (strange?.kind === 'not-understood') {
    throw new NotFollowed(
      'the whole statement',
      `It is not understood (${strange.what}). Later figures leave out what it does.`,
    );
  }
  if (isComposed(statement)) await assessParts(context, rowParts(statement) ?? []);
  else if ('UpdateStmt' in tree) taken(context, await assessUpdate(context, tree.UpdateStmt));
  else if ('InsertStmt' in tree) taken(context, await assessInsert(context, tree.InsertStmt));
  else if ('DeleteStmt' in tree) await assessDelete(context, tree.DeleteStmt);
  else if ('TruncateStmt' in tree) for (const one of deletionsOf(statement)) await assessDelete(context, one);
  else await assessCatalogEffects(context, statement);
}

async function pending(context: Context, statement: Statement): Promise<void> {
  try {
    remember(context, statement, false);
    await assess(context, statement);
    assessAlong(context, statement.effects);
    loseRelatives(context, statement.effects);
  } catch (error) {
    if (error instanceof DatabaseError && error.more.connectionLost) throw error;
    const what = error instanceof NotFollowed ? error.what : 'the whole statement';
    const message = error instanceof Error ? error.message : String(error);
    const why = error instanceof NotFollowed ? error.why : `The query that counts gave an error: ${message}`;
    context.findings.unchecked(what, why);
    for (const table of written(statement.effects)) {
      lose(
        context,
        table,
        `statement ${statement.index} of ${context.findings.place.step} could not be followed`,
      );
    }
    loseRelatives(context, statement.effects);
  }
}

/** What comes after a statement. */
function following(plan: Plan, step: string, index: number): Effect[] {
  const at = plan.steps.findIndex((one) => one.id === step);
  return plan.steps
    .slice(at)
    .flatMap(({ id, statements }) =>
      statements.filter((one) => id !== step || one.index > index).flatMap((one) => one.effects),
    );
}

function assigns(effect: Effect, table: string, column: string): boolean {
  return effect.kind === 'update' && effect.table === table && effect.columns.includes(column);
}

interface Place {
  step: string;
  index: number;
}

interface Assessing {
  plan: Plan;
  catalog: Catalog;
  position: Position;
  session: Pick<Session, 'query'>;
  version: number;
}

/** @param together whether questions that need the same are asked in one query, at the end */
async function assessAll(
  { plan, catalog, position, session, version }: Assessing,
  together: boolean,
): Promise<AssessedRisk> {
  const risk: AssessedRisk = { dataAtRisk: [], invented: [], failing: [], unchecked: [], rowsAfter: {} };
  const world = new World(catalog, version);
  const questions = new Questions(session, world, together);
  const lineage = new Lineage();
  for (const step of plan.steps) {
    const states = position.steps.find((one) => one.id === step.id)?.statements ?? [];
    for (const statement of step.statements) {
      const state = states.find((one) => one.index === statement.index);
      const findings = new Findings(risk, step.id, statement, '');
      const rest = following(plan, step.id, statement.index);
      const later: Context['later'] = (table, column) =>
        rest.some((effect) => assigns(effect, table, column));
      const context: Context = { session, world, questions, lineage, catalog, findings, later };
      if (state?.state === 'applied') {
        remember(context, statement, true);
        followNames(context, statement.effects);
      } else if (state?.state === 'conflict') {
        findings.unchecked('the whole statement', `It does not fit the database: ${state.reason}`);
      } else {
        await pending(context, statement);
      }
    }
  }
  risk.rowsAfter = await rowsAfter(world, plan, questions);
  await questions.answer();
  const order = plan.steps.map((step) => step.id);
  const byPlace = (one: Place, other: Place): number =>
    order.indexOf(one.step) - order.indexOf(other.step) || one.index - other.index;
  const lists: Place[][] = [risk.dataAtRisk, risk.invented, risk.failing, risk.unchecked];
  for (const list of lists) list.sort(byPlace);
  return risk;
}

/**
 * Assesses the statements of a plan that are not applied.
 *
 * @param session only SELECTs are sent; its search_path must be `<schema>, pg_temp`
 * @param options.serverVersion server_version_num, e.g. 150018
 * @returns counts that hold for the moment they were taken; what could not be looked at is in `unchecked`
 * @throws {DatabaseError} when the connection is lost
 */
export async function assessRisk(
  plan: Plan,
  catalog: Catalog,
  position: Position,
  session: Pick<Session, 'query'>,
  options: { serverVersion: number },
): Promise<AssessedRisk> {
  await loadParser();
  const assessing: Assessing = { plan, catalog, position, session, version: options.serverVersion };
  try {
    return await assessAll(assessing, true);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.more.connectionLost) throw error;
    // One question that the database refuses spoils those beside it, and changes what is asked after it.
    return assessAll(assessing, false);
  }
}
