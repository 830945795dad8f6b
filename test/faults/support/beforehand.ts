/** Databases in which a rollback has been made, or broken off: what an undo and a resumed run begin from. */
import { prerequisiteIds, runWords } from './commands.ts';
import type { Lab } from './lab.ts';
import { aPlace } from './program.ts';
import { startProxy } from './proxy.ts';
import { grant } from './rights.ts';
import type { Scenario } from './scenario.ts';

/** Carries the rollback out in it, to the end. */
export async function rolledBack(lab: Lab, scenario: Scenario, database: string): Promise<void> {
  await grant(lab, scenario, database);
  const place = await aPlace();
  try {
    const url = lab.url(database, scenario.user);
    const accepted = await prerequisiteIds(place, url, scenario);
    const ended = await place.run(runWords(url, database, scenario, accepted));
    if (ended.status !== 0) throw new Error(`${scenario.name}: not rolled back:\n${ended.err.slice(-3000)}`);
  } finally {
    await place.clear();
  }
  await lab.quiet(database);
}

const DONE = `SELECT to_regclass('backout.step') IS NOT NULL
   AND query_to_xml('SELECT count(*) AS n FROM backout.step', true, false, '')::text LIKE '%<n>1</n>%' AS done`;

/** Kills the program once its first step is committed, in the middle of the second. */
export async function brokenOffAfterOne(lab: Lab, scenario: Scenario, database: string): Promise<void> {
  await grant(lab, scenario, database);
  const place = await aPlace();
  const url = lab.url(database, scenario.user);
  const proxy = await startProxy(url);
  try {
    const accepted = await prerequisiteIds(place, url, scenario);
    const child = place.start(runWords(proxy.url, database, scenario, accepted));
    proxy.gate = {
      before: async ({ transaction, sql }) => {
        if (transaction === 0 || /^\s*(BEGIN|SET)/i.test(sql)) return 'pass';
        const { rows } = await lab.use(database, (client) => client.query<{ done: boolean }>(DONE));
        if (rows[0]?.done !== true) return 'pass';
        child.kill();
        await child.ended;
        return 'drop';
      },
    };
    const { status } = await child.ended;
    if (status !== null) throw new Error(`${scenario.name}: it ended with ${status} before it was killed`);
  } finally {
    await proxy.close();
    await place.clear();
  }
  await lab.quiet(database);
}
