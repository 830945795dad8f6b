/** Where a database really stands after a fault, read from its tables; never from what the program says of itself. */
import type pg from 'pg';
import { difference, fingerprint } from './fingerprint.ts';
import type { Reference } from './reference.ts';

export interface Truth {
  /** How many whole steps are done, from the first; null when the tables are in no state that whole steps leave. */
  whole: number | null;
  /** What is wrong, one sentence each: empty when all of it agrees. */
  wrong: string[];
}

const HAS_STORE = "SELECT to_regclass('backout.step') IS NOT NULL AS there";
const STEPS = `SELECT step, undone_by IS NOT NULL AS undone
  FROM backout.step JOIN backout.run USING (run) WHERE kind = 'rollback' ORDER BY run, step`;
const ARCHIVED = `
  SELECT a.step, a.archived, s.step IS NOT NULL AS journalled,
         a.archived IS NULL OR to_regclass(format('backout_archive.%I', a.archived)) IS NOT NULL AS there,
         s.undone_by IS NOT NULL AS undone
    FROM backout.archived a LEFT JOIN backout.step s USING (run, step) WHERE a.purged_at IS NULL`;
const STRAY = `
  SELECT c.relname::text AS name FROM pg_class c
   WHERE c.relnamespace = to_regnamespace('backout_archive') AND c.relkind IN ('r', 'p')
     AND NOT EXISTS (SELECT FROM backout.archived a WHERE a.archived = c.relname)`;

/** Reads it all. Nobody else may be writing. */
export async function truthOf(client: pg.Client, reference: Reference): Promise<Truth> {
  const found = await fingerprint(client, reference.scenario.random);
  const at = reference.states.findIndex(
    (state) => state !== null && difference(state, found, 1).length === 0,
  );
  if (at < 0) {
    const distances = reference.states.flatMap((state) => (state ? [difference(state, found, 999)] : []));
    const nearest = distances.sort((one, other) => one.length - other.length)[0] ?? [];
    return { whole: null, wrong: [`the tables are in no whole state: ${nearest.slice(0, 8).join(' | ')}`] };
  }
  return { whole: at, wrong: await storeOf(client, reference, at) };
}

/** The journal in the database says the same as the tables, and there is an archive for exactly what it says. */
async function storeOf(client: pg.Client, reference: Reference, whole: number): Promise<string[]> {
  const { rows: there } = await client.query<{ there: boolean }>(HAS_STORE);
  if (there[0]?.there !== true)
    return reference.store && whole > 0 ? ['there is no journal in the database'] : [];
  const wrong: string[] = [];
  const steps = await client.query<{ step: string; undone: boolean }>(STEPS);
  const { scenario } = reference;
  const done = steps.rows.filter(
    ({ undone, step }) => undone === (scenario.command === 'undo') && scenario.steps.includes(step),
  );
  const expected = scenario.steps.slice(0, whole);
  if (
    done
      .map(({ step }) => step)
      .sort()
      .join() !== [...expected].sort().join()
  ) {
    const said = done.map(({ step }) => step).join(', ') || 'none';
    wrong.push(
      `the journal in the database says done: ${said}; the tables say ${expected.join(', ') || 'none'}`,
    );
  }
  const archived = await client.query<{
    step: string;
    archived: string | null;
    journalled: boolean;
    there: boolean;
    undone: boolean;
  }>(ARCHIVED);
  for (const entry of archived.rows) {
    if (!entry.journalled)
      wrong.push(
        `${entry.archived ?? 'a definition'} is archived for ${entry.step}, which has no journal row`,
      );
    if (!entry.there && !entry.undone)
      wrong.push(`${entry.archived ?? ''} is in the list of the archive and not in it`);
  }
  const stray = await client.query<{ name: string }>(STRAY);
  for (const { name } of stray.rows) wrong.push(`${name} lies in the archive and is in no list`);
  return wrong;
}
