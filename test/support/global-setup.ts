/** Once a test run: the prepared PGlite directories, and for those who ask: a real server, the built program. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { preparePractice } from '../../scripts/practice/build.mjs';
import { startCluster, type Cluster } from './cluster.ts';
import { makeTemplates } from './databases.ts';

/** @returns what vitest calls at the end of the run */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await preparePractice();
  let starting: Promise<Cluster> | undefined;
  let building: Promise<null> | undefined;
  const office = createServer((request, response) => {
    const asked =
      request.url === '/built' ? (building ??= ensureBuilt()) : (starting ??= startWithTemplates());
    asked.then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(error instanceof Error ? error.message : String(error));
      },
    );
  });
  const name = `backout-test-${process.pid}-${randomBytes(4).toString('hex')}`;
  const at = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
  await listen(office, at);
  project.provide('postgresAt', at);
  return async () => {
    office.close();
    office.closeAllConnections();
    const cluster = await starting?.catch(() => undefined);
    await cluster?.stop();
  };
}

/** `npm test` has built already; a run of vitest alone may find no build, or one older than the sources. */
async function ensureBuilt(): Promise<null> {
  const script = fileURLToPath(new URL('../../scripts/ensure-built.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script]);
  return null;
}

async function startWithTemplates(): Promise<Cluster> {
  const cluster = await startCluster();
  try {
    await makeTemplates(cluster);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function listen(office: Server, at: string): Promise<void> {
  return new Promise((resolve, reject) => {
    office.once('error', reject);
    office.listen(at, resolve);
  });
}
