/** What the document leaves open: asked for before a run, and named here so that nobody is surprised. */
import type { Runbook } from '../types.ts';
import { flagFor } from '../values/check.ts';
import type { Finding } from './types.ts';

export function valuesAsked({ values }: Runbook): Finding[] {
  return (values?.missing ?? []).map(({ name, written, lines, secret }): Finding => {
    const also = lines.length > 1 ? ` It stands in lines ${lines.join(', ')}.` : '';
    const message = `The value of ${written} is asked for before there is a plan; without an operator, give ${flagFor({ name, secret })}.${also}`;
    return { line: lines[0] ?? 0, severity: 'note', rule: 'value-asked', message };
  });
}
