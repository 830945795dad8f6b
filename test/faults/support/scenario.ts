/** What is rolled back while the faults happen: a runbook, the database it fits, and how the program is asked. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createVector } from '../../support/vector-stand-in.ts';
import { writtenSince } from '../../support/states.ts';
import { brokenOffAfterOne, rolledBack } from './beforehand.ts';
import type { Lab } from './lab.ts';
import { grant } from './rights.ts';

export interface Scenario {
  name: string;
  /** Null: the one that ships. */
  runbook: string | null;
  /** The database that every point's is copied from; made by {@link prepare}. */
  template: string;
  /** Columns with values made at random by the rollback: they differ between two runs without faults. */
  random: string[];
  /** Those still to be done when it begins, in their order. */
  steps: string[];
  /** What is struck at: a rollback, one that is gone on with, or the undo of one. */
  command: 'run' | 'resume' | 'undo';
  /** Alone tried on it; left out: all. */
  kinds?: readonly string[];
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
  command: 'run',
  user: KEEPER,
  build: (lab, database) =>
    lab.use(database, async (client) => {
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [KEEPER.name]);
      if (rowCount === 0)
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
  command: 'run',
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

/** Faults that are made for no particular statement of a rollback. */
const ANYWHERE = [
  ...['client-killed', 'connection-cut', 'backend-terminated', 'statement-cancelled', 'backend-killed'],
  ...['server-stopped', 'server-killed', 'half-open', 'late-commit', 'xid-again', 'lock-timeout'],
  ...['idle-timeout', 'journal-full', 'commit-client-killed', 'commit-connection-cut'],
  ...['commit-backend-terminated', 'commit-server-stopped', 'commit-backend-killed'],
];

/** A rollback that was killed in its second step, and is gone on with by another operator. */
const RESUMED: Scenario = {
  ...PARCELS,
  name: 'parcels resumed',
  template: 'fault_template_parcels_resumed',
  steps: ['step-2'],
  command: 'resume',
  kinds: ANYWHERE,
  build: async (lab, database) => {
    await PARCELS.build(lab, database);
    await brokenOffAfterOne(lab, PARCELS, database);
  },
};

/** A rollback that was carried out in that form, and is undone. */
const undone = (form: string): Scenario => ({
  ...PARCELS,
  name: `parcels ${form} undone`,
  template: `fault_template_parcels_${form.replaceAll('-', '_')}`,
  steps: ['step-2', 'step-1'],
  command: 'undo',
  kinds: ANYWHERE,
  words: inForm(form).words,
  build: async (lab, database) => {
    await PARCELS.build(lab, database);
    await rolledBack(lab, inForm(form), database);
  },
});

/** Every scenario; those that share a template share its database. */
export const SCENARIOS: Scenario[] = [
  PARCELS,
  inForm('as-written'),
  inForm('rewrite'),
  inForm('copy-and-swap'),
  { ...PARCELS, name: 'parcels whole', words: ['--whole-plan'] },
  SHIPPED,
  RESUMED,
  undone('as-written'),
  undone('copy-and-swap'),
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
