/** A stage on its own, with sessions as the wizard opens them. */
import { onTestFinished } from 'vitest';
import { openSession, type PostgresSession } from '../../../src/postgres/connect.ts';
import { resolveSettings } from '../../../src/postgres/settings.ts';
import { stageDrill, type Stage } from '../../../src/practice/drill/stage.ts';
import type { Drill } from '../../../src/practice/drill/types.ts';
import { readDrill } from '../../../src/practice/drill/read.ts';
import { startEmbedded } from '../../../src/practice/embedded.ts';
import { serverStage, type ServerOptions } from '../../../src/practice/server/stage.ts';
import { DRILL } from './drills.ts';

export const drillWith = (more: Partial<Drill> = {}): Drill => ({
  ...readDrill('drills/07-backup.md', DRILL),
  setup: [],
  role: null,
  events: [],
  ...more,
});

const OTHER = {
  runbook: { path: 'a.md', title: 'A', sha256: '0', migration: null },
  plan: { hash: 'p' },
  version: '0',
};

/** Stopped when the test has ended. */
export async function staged(drill: Drill, server?: ServerOptions): Promise<Stage> {
  const stage = await stageDrill(drill, {
    ...OTHER,
    embedded: () => startEmbedded(),
    home: '/nonexistent',
    osUser: 'nobody',
    ...(server ? { startServer: (wanted, other) => serverStage(wanted, other, server) } : {}),
  });
  onTestFinished(() => stage.stop());
  return stage;
}

/** As the wizard connects: closed when the test has ended. */
export async function connected(stage: Stage, applicationName = 'backout/test'): Promise<PostgresSession> {
  const session = await openSession(await resolveSettings(stage.connection), { applicationName });
  onTestFinished(() => session.close());
  return session;
}

export async function valueOf(session: PostgresSession, sql: string): Promise<unknown> {
  const { rows } = await session.query(`SELECT (${sql}) AS value`);
  return rows[0]?.['value'];
}
