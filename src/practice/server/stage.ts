/** The stage of a drill on a real server of this machine: sessions beside the wizard's are real. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSide, type SideSession } from '../../postgres/side.ts';
import { resolveSettings } from '../../postgres/settings.ts';
import { countBeside, runBeside } from '../drill/beside.ts';
import { registerOther, type OtherRunOf } from '../drill/operator.ts';
import { OVER, type Happening, type Scene } from '../drill/scene.ts';
import type { Base } from '../drill/stage.ts';
import type { Drill } from '../drill/types.ts';
import { defaultAssets } from '../embedded.ts';
import { freshenStatements } from '../freshen.ts';
import { PRACTICE_DATABASE } from '../prepared-name.ts';
import { startProxy } from '../proxy/proxy.ts';
import { startCluster, type ClusterOptions } from './cluster.ts';
import { serverBin } from './find.ts';
import { VECTOR_STAND_IN } from './vector.ts';

/** Owns the database and everything in it, as an application's role does. */
const OWNER = 'singularity';

/** Why no server can be started here, a sentence; null: one can be tried. */
export function whyNoServer(path: string | undefined): string | null {
  if (process.platform === 'win32') return 'There is no server of our own on Windows.';
  if (process.getuid?.() === 0)
    return 'PostgreSQL does not run as root, so the drill is on the embedded database.';
  return serverBin(path) === null
    ? 'There is no PostgreSQL server on this machine, so the drill is on the embedded database.'
    : null;
}

export interface ServerOptions extends Partial<ClusterOptions> {
  /** PATH. */
  path?: string | undefined;
  /** The folder with the prepared statements. */
  assets?: URL;
}

const STANDS_IN =
  'The type vector is a stand-in: this server has no pgvector. Nothing of the migration depends on it.';

/** @throws {DatabaseError} of the drill's own set-up */
export async function serverStage(
  drill: Drill,
  other: OtherRunOf,
  options: ServerOptions = {},
): Promise<{ base: Base; simulated: string[] } | { whyNot: string }> {
  const bin = options.bin ?? serverBin(options.path);
  if (bin === null) return { whyNot: whyNoServer(options.path) ?? 'There is no server.' };
  const cluster = await startCluster({ bin, ...(options.owner ? { owner: options.owner } : {}) }).catch(
    () => null,
  );
  if (!cluster)
    return { whyNot: 'The server of this machine did not start, so the drill is on the embedded database.' };
  try {
    const open = (
      application: string,
      user = OWNER,
      database: string = PRACTICE_DATABASE,
    ): Promise<SideSession> => openSide({ host: cluster.folder, port: 5432, user, database, application });
    const stoodIn = await filled(open, options.assets ?? defaultAssets());
    const side = await open('backout practice');
    await side.run(freshenStatements(drill.migratedHoursAgo).join(';\n'));
    for (const sql of drill.setup) await side.run(sql);
    await side.run(`ALTER ROLE ${OWNER} NOSUPERUSER`);
    const watching = await open('backout practice', 'postgres');
    await side.close();
    const folder = join(cluster.folder, 'w');
    await mkdir(folder, { mode: 0o700 });
    const proxy = await startProxy({
      listen: { path: join(folder, '.s.PGSQL.5432') },
      server: { path: join(cluster.folder, '.s.PGSQL.5432') },
      shared: null,
    });
    const base: Base = {
      server: true,
      url: urlOf(folder, drill.role ?? OWNER),
      scene: sceneOf({
        open,
        cut: (when) => proxy.cutAtCommit(when),
        own: urlOf(cluster.folder, OWNER),
        other,
      }),
      count: (sql) => countBeside(watching, sql),
      async stop() {
        await proxy.close();
        await watching.close();
        await cluster.stop();
      },
    };
    return { base, simulated: stoodIn ? [STANDS_IN] : [] };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function urlOf(folder: string, user: string): string {
  const query = new URLSearchParams({ host: folder, port: '5432', user });
  return `postgresql:///${PRACTICE_DATABASE}?${query.toString()}`;
}

type Open = (application: string, user?: string, database?: string) => Promise<SideSession>;

/** The same rows as in the embedded database. Says whether the type vector is a stand-in. */
async function filled(open: Open, assets: URL): Promise<boolean> {
  const first = await open('backout practice', 'postgres', 'postgres');
  // What a set-up makes shall be the owner's, and it may make roles: a superuser until it is done.
  await first.run(`CREATE ROLE ${OWNER} LOGIN SUPERUSER`);
  await first.run(`CREATE DATABASE ${PRACTICE_DATABASE} OWNER ${OWNER} TEMPLATE template0`);
  await first.close();
  const side = await open('backout practice');
  try {
    const there = await side.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'");
    await side.run(there === '0' ? VECTOR_STAND_IN : 'CREATE EXTENSION vector');
    const statements = JSON.parse(await readFile(new URL('statements.json', assets), 'utf8')) as string[];
    for (const statement of statements) await side.run(statement);
    await side.run('ANALYZE');
    return there === '0';
  } finally {
    await side.close();
  }
}

interface Parts {
  open: Open;
  cut: (when: 'before' | 'after') => void;
  /** The server itself, without the proxy. */
  own: string;
  other: OtherRunOf;
}

function sceneOf({ open, cut, own, other }: Parts): Scene {
  /** Each has a session of its own: one that waits for a lock keeps nobody else. */
  async function inSession(
    application: string,
    work: (side: SideSession) => Promise<void>,
  ): Promise<SideSession> {
    const side = await open(application);
    try {
      await work(side);
      return side;
    } catch (error) {
      await side.close();
      throw error;
    }
  }

  const lasting = (session: { close(): Promise<void> }): Happening => ({
    simulated: false,
    end: () => session.close(),
  });

  return {
    async act(act) {
      switch (act.kind) {
        case 'sql': {
          const side = await open('psql', 'postgres');
          await runBeside(side, act.sql).finally(() => side.close());
          return OVER;
        }
        case 'cut':
          cut(act.commit);
          return OVER;
        case 'hold':
          return lasting(
            await inSession(act.application, async (side) => {
              await side.run('BEGIN');
              await side.run(act.sql);
            }),
          );
        case 'operator': {
          const connection = await resolveSettings({ url: own, env: {}, home: '', osUser: OWNER });
          const { session } = await registerOther(connection, act, other);
          if (act.live) return lasting(session);
          await session.close();
          return OVER;
        }
      }
    },
  };
}
