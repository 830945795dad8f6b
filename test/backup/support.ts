/** What tests of backups need: pg_dump where the machine has it, programs that only pretend, a folder of their own. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { takeBackup, type TakeOptions } from '../../src/backup/take.ts';
import type { Expected } from '../../src/backup/types.ts';
import { pgDump } from '../../src/backup/programs.ts';
import { serverInfo } from '../../src/postgres/server.ts';
import { pgBin } from '../support/server.ts';
import type { Bench } from '../postgres/support.ts';

function clientPrograms(): string | null {
  try {
    pgBin('pg_restore');
    return dirname(pgBin('pg_dump'));
  } catch {
    return null;
  }
}

/** The folder of pg_dump and pg_restore; null where the machine has none (the npm package brings the server alone). */
export const clients = clientPrograms();

/** A PATH with PostgreSQL's client programs first, and the shell's own tools. */
export const env = (first = clients ?? '/nonexistent'): NodeJS.ProcessEnv => ({
  PATH: [first, '/usr/bin', '/bin'].join(delimiter),
  TZ: process.env['TZ'],
});

/** Without any: only that folder is on PATH. */
export const only = (folder: string): NodeJS.ProcessEnv => ({ PATH: folder });

/** Tests with real dumps. Without pg_dump they are not there, and a test that says so stands in their place. */
export function withDumps(name: string, work: () => void): void {
  if (clients !== null) {
    describe(name, work);
    return;
  }
  process.stderr.write(
    `\nNO pg_dump ON THIS MACHINE: "${name}" is not tested. Install PostgreSQL's client programs.\n`,
  );
  describe(name, () => {
    test('NOT TESTED, for there is no pg_dump here; what backout says then', async () => {
      await expect(pgDump(only('/nonexistent'), 150_000)).rejects.toThrow(/pg_dump is not on PATH/);
    });
  });
}

/** A folder that goes with the test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backout-backup-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with a program of that name: a shell script. */
export function pretend(folder: string, scripts: Record<string, string>): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

export const TABLES = ['codebase_snapshots', 'git_agent_sessions', 'technology_patterns'];

export async function takeOptions(bench: Bench, path: string, more: Partial<TakeOptions> = {}) {
  const { session, connection } = bench;
  const server = await serverInfo(session, connection);
  const expected: Expected = { database: server.database, schema: 'public', tables: TABLES };
  return {
    session,
    connection,
    database: server.database,
    serverVersion: server.versionNumber,
    path,
    expected,
    env: env(),
    now: () => Date.now(),
    onProgress: () => undefined,
    ...more,
  } satisfies TakeOptions;
}

/** A backup of the bench's database. */
export async function aBackup(bench: Bench, path: string): Promise<string> {
  return (await takeBackup(await takeOptions(bench, path)).result).path;
}
