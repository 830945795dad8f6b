/** Whether views, functions, types and the like are as they were before the steps that were undone. */
import { readObjects } from '../../postgres/objects.ts';
import type { StepRow } from '../../postgres/store.ts';
import { objectKey, objectName } from '../../sql/objects/keys.ts';
import { objectDifferences } from '../../sql/objects/compare.ts';
import type { ObjectsRecord } from '../../sql/objects/types.ts';
import type { Session } from '../../sql/session.ts';
import type { VerifyCheck } from '../../sql/types.ts';
import { toLine } from '../../terminal/sanitize.ts';

type Entry = ObjectsRecord['objects'][number];

/** Of several steps the first one that touched an object says what it was. */
function firstOf(rows: readonly StepRow[]): Entry[] {
  const found = new Map<string, Entry>();
  for (const { detail } of rows)
    for (const entry of detail.objects?.objects ?? []) if (!found.has(entry.key)) found.set(entry.key, entry);
  return [...found.values()].filter(
    ({ ref, before }) => ref.type !== 'table' || !['r', 'p'].includes(before?.kind ?? ''),
  );
}

/** @throws {DatabaseError} */
export async function objectChecks(
  session: Session,
  schema: string,
  rows: readonly StepRow[],
): Promise<VerifyCheck[]> {
  const entries = firstOf(rows);
  const asked = entries.map(({ ref }) => ({ key: objectKey(ref, schema), ref, dropped: false }));
  const now = await readObjects(session, { schema }, asked);
  return entries.map(({ key, ref, before }): VerifyCheck => {
    const found = objectDifferences(before, now[key] ?? null);
    return {
      id: `object:${toLine(key)}`,
      title: toLine(
        before
          ? `${objectName(ref)} is as it was before`
          : `${objectName(ref)}, which the rollback made, is gone`,
      ),
      ok: found.length === 0,
      expected: 'no difference',
      found: found.length === 0 ? 'no difference' : toLine(found.join(' ')),
      detail: '',
    };
  });
}
