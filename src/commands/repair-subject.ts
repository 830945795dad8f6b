/** A repair as a subject of the wizard: a runbook made of what was found, kept as a file so that it can be gone on with. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { runsDirectory } from '../journal/folder.ts';
import { repairMarkdown } from '../repair/markdown.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import type { Next } from '../wizard/types.ts';
import type { Subject } from './begin.ts';
import type { Io } from './io.ts';
import { loadPlan } from './load.ts';

type Repair = Extract<Next, { kind: 'repair' }>;

/** Beside the runs, under the name of its content: the same repair is the same file. */
async function written(io: Io, text: string): Promise<string> {
  const folder = join(dirname(runsDirectory(io.env, io.home)), 'repairs');
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const path = join(folder, `${name}.md`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** A repair by its document. @param resume the repair that is gone on with */
export async function repairSubject(
  { runbook, plan }: { runbook: Runbook; plan: Plan },
  more: { resume?: string | null; after?: Repair['after']; schema?: string } = {},
): Promise<Subject> {
  const { rollbackCourse } = await import('../runtime/rollback.ts');
  const { resume = null, after = null, schema } = more;
  const related = after?.rollback ?? null;
  const course = rollbackCourse({ runbook, plan, kind: 'repair', related, ...(schema ? { schema } : {}) });
  return { kind: 'repair', runbook, plan, undoes: null, resume, course, after };
}

/**
 * What was chosen to be mended, as a run. The troubleshooting and the escalation of the runbook it came from count here too.
 * @throws {UserError} 65 when the SQL of a repair is not understood by the parser
 */
export function repairOf(
  io: Io,
  next: Repair,
  from: { runbook: Runbook; schema?: string },
): () => Promise<Subject> {
  return async () => {
    const path = await written(io, repairMarkdown(next.title, next.repairs));
    const { runbook, plan } = await loadPlan(path);
    const { troubleshooting, escalation } = from.runbook;
    const helped = { ...runbook, troubleshooting, escalation };
    const schema = next.schema ?? from.schema;
    const subject = await repairSubject({ runbook: helped, plan }, { after: next.after, schema });
    return { ...subject, ...(next.run === undefined ? {} : { run: next.run }) };
  };
}
