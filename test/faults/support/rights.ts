/** Rights on a database itself: a copy of it does not take them along. */
import type { Lab } from './lab.ts';
import type { Scenario } from './scenario.ts';

/** What the scenario's user needs on the database itself: to make the schemas of the journal and the archive. */
export async function grant(lab: Lab, { user }: Scenario, database: string): Promise<void> {
  if (user === undefined) return;
  await lab.use('postgres', (client) => client.query(`GRANT CREATE ON DATABASE ${database} TO ${user.name}`));
}
