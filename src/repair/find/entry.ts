/** The SQL of the runbook's own entry on a failure, offered with a confirmation of its own where it would do something. */
import type { Troubleshooting } from '../../runbook/types.ts';
import { applyEffects } from '../../sql/symbolic.ts';
import { holds } from '../../sql/position/facts.ts';
import { isConditional, requirementsOf } from '../../sql/position/requirements.ts';
import { planFromSql, isStepSql } from '../../sql/plan.ts';
import { SqlSyntaxError } from '../../sql/parse.ts';
import type { Catalog, Statement } from '../../sql/types.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';

/** What is about the database as it is now: it could run, and something would change. */
function applies(statements: readonly Statement[], catalog: Catalog): boolean {
  let now = catalog;
  let changes = false;
  for (const effect of statements.flatMap(({ effects }) => effects)) {
    const { before, after } = requirementsOf(effect, now);
    if (before.some((fact) => !holds(now, fact))) return false;
    const already = isConditional(effect) && after.every((fact) => holds(now, fact));
    changes ||= !already;
    now = applyEffects(now, [effect]);
  }
  return changes;
}

/** Statements that change something; null where the text is no SQL that is understood whole. */
function changing(text: string): Statement[] | null {
  try {
    const [step] = planFromSql(text).steps;
    const statements = (step?.statements ?? []).filter(
      ({ effects }) => !effects.every(({ kind }) => kind === 'select'),
    );
    const strange = statements.some(({ effects }) => effects.some(({ kind }) => kind === 'not-understood'));
    return statements.length === 0 || strange ? null : statements;
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null;
    throw error;
  }
}

function entries({ about, runbook }: RepairContext): Troubleshooting[] {
  const titles =
    about.kind === 'failure'
      ? [about.error.troubleshooting]
      : about.kind === 'prerequisites'
        ? about.failed.map(({ troubleshooting }) => troubleshooting)
        : [];
  return runbook.troubleshooting.filter(({ title }) => titles.includes(title));
}

/** Blocks that only look, that are no SQL or that do not fit this database are left to be read. */
export async function entrySql(context: RepairContext): Promise<Repair[]> {
  return entries(context).flatMap((entry) =>
    entry.blocks.filter(isStepSql).flatMap((block, at): Repair[] => {
      const statements = changing(block.text);
      if (!statements || !applies(statements, context.catalog)) return [];
      return [
        {
          id: `entry:${entry.id}:${at + 1}`,
          title: `Run what the runbook advises: ${entry.title}`,
          found: entry.cause === '' ? 'The runbook names this as the solution.' : entry.cause,
          careful: [
            "This is the runbook's own SQL, as it stands there. backout has not judged whether it is right here.",
            ...(block.lead === '' ? [] : [block.lead]),
          ],
          sql: statements.map(({ sql }) => `${sql};`).join('\n\n'),
          checks: [],
          recommended: false,
        },
      ];
    }),
  );
}
