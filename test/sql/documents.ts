/** The user's document as a plan, read without the runbook reader: what this code is judged by must not depend on it. */
import { readFileSync } from 'node:fs';
import { parseStatements } from '../../src/sql/parse.ts';
import type { Plan } from '../../src/sql/types.ts';

/** The steps of a document whose steps hold one block of SQL each. `loadParser` must have been awaited. */
function planIn(path: string): Plan {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  const lines = text.split('\n');
  const steps: Plan['steps'] = [];
  lines.forEach((line, at) => {
    const heading = /^### Step (\d+): (.*)$/.exec(line);
    if (!heading) return;
    const open = lines.indexOf('```sql', at);
    const close = lines.indexOf('```', open);
    const statements = parseStatements(lines.slice(open + 1, close).join('\n'), open + 2);
    steps.push({ id: `step-${heading[1]}`, title: heading[2] ?? '', words: '', statements });
  });
  return { steps, hash: path };
}

export function firstEdition(): Plan {
  return planIn('../fixtures/ROLLBACK_PROCEDURE.md');
}

/** The edition that ships. */
export function shippedEdition(): Plan {
  return planIn('../../runbooks/20250101000014-align-schema-table-names.md');
}
