/** What is rolled back while the faults happen: a runbook, the database it fits, and how the program is asked. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createVector } from '../../support/vector-stand-in.ts';
import { writtenSince } from '../../support/states.ts';
import type { Lab } from './lab.ts';

export interface Scenario {
  name: string;
  /** Null: the one that ships. */
  runbook: string | null;
  /** The database that every point's is copied from; made by {@link prepare}. */
  template: string;
  /** Columns with values made at random by the rollback: they differ between two runs without faults. */
  random: string[];
  /** The last step deletes the version row alone, and needs no second look at rows. */
  steps: string[];
  /** More words for `backout run`: forms, the whole plan at once. */
  words?: string[];
  /** Who runs it; undefined: the superuser. */
  user?: { name: string; password: string };
  build(lab: Lab, database: string): Promise<void>;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Owner of the tables and nothing more: the role that a rollback should run as. */
const KEEPER = { name: 'keeper', password: 'keeps' };

/** Two steps on two small tables: for the thousands. */
export const PARCELS: Scenario = {
  name: 'parcels',
  runbook: fixture('parcels.md'),
  template: 'fault_template_parcels',
  random: [],
  steps: ['step-1', 'step-2'],
  user: KEEPER,
  build: (lab, database) =>
    lab.use(database, async (client) => {
      await client.query(`CREATE ROLE ${KEEPER.name} LOGIN PASSWORD '${KEEPER.password}'`);
      await client.query(`GRANT CREATE ON SCHEMA public TO ${KEEPER.name}; SET ROLE ${KEEPER.name}`);
      await client.query(readFileSync(fixture('parcels.sql'), 'utf8'));
    }),
};

/** The runbook that ships, on the database that the migration left and that was written to since. */
export const SHIPPED: Scenario = {
  name: 'shipped',
  runbook: null,
  template: 'fault_template_shipped',
  // The original ids are gone since the migration; the rollback makes new ones (runbook, Step 3).
  random: ['technology_knowledge.id'],
  steps: ['step-1', 'step-2', 'step-3', 'step-4'],
  build: (lab, database) =>
    lab.use(database, async (client) => {
      const db = { exec: (sql: string) => client.query(sql), query: (sql: string) => client.query(sql) };
      await createVector((sql) => db.query(sql));
      await writtenSince(db, { rows: 40, knowledge: 24 });
      await client.query('ANALYZE');
    }),
};

const inForm = (form: string): Scenario => ({
  ...PARCELS,
  name: `parcels ${form}`,
  words: ['--form', `step-1=${form}`],
});

/** Every scenario; those that share a template share its database. */
export const SCENARIOS: Scenario[] = [
  PARCELS,
  inForm('as-written'),
  inForm('rewrite'),
  inForm('copy-and-swap'),
  { ...PARCELS, name: 'parcels whole', words: ['--whole-plan'] },
  SHIPPED,
];

/** Makes the template of a scenario where it is not there yet. */
export async function prepare(lab: Lab, scenario: Scenario): Promise<void> {
  const there = await lab.use('postgres', async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [
      scenario.template,
    ]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${scenario.template} TEMPLATE template0`);
    return rowCount !== 0;
  });
  if (there) return;
  await scenario.build(lab, scenario.template);
  // What a sequence has taken in advance is lost in a crash (src/backend/commands/sequence.c, SEQ_LOG_VALS): not after this.
  await lab.use(scenario.template, (client) => client.query('CHECKPOINT'));
}

/** A copy of its template, with the rights that a copy does not take along. */
export async function stage(lab: Lab, scenario: Scenario): Promise<string> {
  const database = await lab.create(scenario.template);
  await grant(lab, scenario, database);
  return database;
}

/** What the scenario's user needs on the database itself: to make the schemas of the journal and the archive. */
export async function grant(lab: Lab, { user }: Scenario, database: string): Promise<void> {
  if (user === undefined) return;
  await lab.use('postgres', (client) => client.query(`GRANT CREATE ON DATABASE ${database} TO ${user.name}`));
}
