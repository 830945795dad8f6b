/** `backout lint RUNBOOK`: what a runbook would do, and what is wrong with it. */
import { resolve } from 'node:path';
import { EXIT } from '../exit.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { loadPlan } from './load.ts';

export async function lintCommand(io: Io, options: Options, path: string): Promise<number> {
  const { lintRunbook, renderLint } = await import('../runbook/lint.ts');
  const { runbook, plan } = await loadPlan(resolve(path), options.format);
  const report = lintRunbook(runbook, plan);
  await io.out(options.json ? toJson(report) : renderLint(report));
  return report.findings.some(({ severity }) => severity === 'error') ? EXIT.badRunbook : EXIT.ok;
}
