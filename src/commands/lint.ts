/** `backout lint RUNBOOK`: what a runbook would do, and what is wrong with it. */
import { relative, resolve } from 'node:path';
import { EXIT } from '../exit.ts';
import type { LintReport } from '../runbook/lint/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { readDocument } from './load.ts';

/** The plan, or null where the SQL cannot be read: that is told with everything else, and refuses nothing here. */
async function draftPlan(runbook: Runbook): Promise<Plan | null> {
  const [{ loadParser, SqlSyntaxError }, { planOf }] = await Promise.all([
    import('../sql/parse.ts'),
    import('../sql/plan.ts'),
  ]);
  await loadParser();
  try {
    return planOf(runbook);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null;
    throw error;
  }
}

function statusOf({ findings }: LintReport, strict: boolean): number {
  const fails = findings.some(({ severity }) => severity === 'error' || (strict && severity === 'warning'));
  return fails ? EXIT.badRunbook : EXIT.ok;
}

export async function lintCommand(io: Io, options: Options, path: string): Promise<number> {
  const [{ lintRunbook, renderLint }, { annotations }] = await Promise.all([
    import('../runbook/lint.ts'),
    import('../runbook/lint/annotations.ts'),
  ]);
  // What has no value stands as a name: SQL parses, and nothing is run here.
  const known = { values: options.set ?? {}, instead: (name: string) => name };
  const runbook = await readDocument(resolve(path), options.format, true, undefined, known);
  const report = lintRunbook(runbook, await draftPlan(runbook));
  const text = options.github
    ? annotations(report, relative(process.cwd(), resolve(path)))
    : renderLint(report);
  await io.out(options.json ? toJson(report) : text);
  return statusOf(report, options.strict === true);
}
