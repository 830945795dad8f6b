/** The stage of a drill on the embedded database: one session, and what it takes several of is simulated. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openSide, type SideSession } from '../../postgres/side.ts';
import { resolveSettings } from '../../postgres/settings.ts';
import type { Embedded } from '../embedded.ts';
import { freshenStatements } from '../freshen.ts';
import { PRACTICE_DATABASE } from '../prepared-name.ts';
import { startProxy, type Proxy } from '../proxy/proxy.ts';
import { createSimulation, heldBy, instantOf, type Simulation } from '../proxy/simulation.ts';
import { countBeside, runBeside, tablesBeside } from './beside.ts';
import { registerOther, type OtherRunOf } from './operator.ts';
import { OVER, type Happening, type Scene } from './scene.ts';
import type { Base } from './stage.ts';
import type { Drill, InjectedAct } from './types.ts';

/** Numbers of processes that the embedded server never has. */
const FIRST_GHOST = 4300;

/** Setting up on a database that has just started. @throws {DatabaseError} of the drill's own set-up */
export async function embeddedStage(embedded: Embedded, drill: Drill, other: OtherRunOf): Promise<Base> {
  const { server } = embedded;
  const place = 'path' in server ? { host: server.folder, port: 5432 } : server;
  const side = await openSide({
    ...place,
    user: 'postgres',
    database: PRACTICE_DATABASE,
    application: 'backout practice',
  });
  await side.run(freshenStatements(drill.migratedHoursAgo).join(';\n'));
  for (const sql of drill.setup) await side.run(sql);
  const simulation = createSimulation();
  const proxy = await startProxy({
    listen: await listenPlace(embedded),
    server: 'path' in server ? { path: server.path } : server,
    shared: { simulation, role: drill.role },
  });
  const user = drill.role ?? 'postgres';
  return {
    server: false,
    url: urlOf(embedded, proxy, user),
    scene: sceneOf({ side, proxy, simulation, role: drill.role, own: embedded.url, other }),
    count: (sql) => proxy.beside(() => countBeside(side, sql)),
    async stop() {
      await proxy.close();
      await side.close();
      await embedded.stop();
    },
  };
}

/** A folder below the server's own, which nobody else can enter. */
async function listenPlace({ server }: Embedded): Promise<{ path: string } | { host: string; port: number }> {
  if (!('path' in server)) return { host: '127.0.0.1', port: 0 };
  const folder = join(server.folder, 'w');
  await mkdir(folder, { mode: 0o700 });
  return { path: join(folder, '.s.PGSQL.5432') };
}

function urlOf({ server }: Embedded, proxy: Proxy, user: string): string {
  if (!('path' in server)) return `postgresql://${user}@${proxy.connection}/${PRACTICE_DATABASE}`;
  const query = new URLSearchParams({ host: join(server.folder, 'w'), port: '5432', user });
  return `postgresql:///${PRACTICE_DATABASE}?${query.toString()}`;
}

interface Parts {
  side: SideSession;
  proxy: Proxy;
  simulation: Simulation;
  role: string | null;
  /** The server itself, without the proxy. */
  own: string;
  other: OtherRunOf;
}

function sceneOf({ side, proxy, simulation, role, own, other }: Parts): Scene {
  let ghosts = FIRST_GHOST;

  async function hold(act: Extract<InjectedAct, { kind: 'hold' }>): Promise<Happening> {
    const tables = await proxy.beside(() => tablesBeside(side));
    const pid = (ghosts += 1);
    const { sql, application } = act;
    simulation.hold({
      pid,
      user: application,
      application,
      since: new Date(),
      query: sql.replace(/\s+/g, ' ').trim(),
      ...heldBy(sql, tables),
    });
    return { simulated: true, end: async () => simulation.release(pid) };
  }

  /** What is written is written by the one session there is: with the owner's rights, and its settings put back. */
  async function operator(act: Extract<InjectedAct, { kind: 'operator' }>): Promise<Happening> {
    const connection = await resolveSettings({ url: own, env: {}, home: '', osUser: 'postgres' });
    const pid = (ghosts += 1);
    const since = new Date();
    await proxy.beside(async () => {
      const path = (await side.value('SHOW search_path')) ?? 'public';
      if (role !== null) await side.run('RESET SESSION AUTHORIZATION');
      try {
        const { session, run } = await registerOther(connection, { ...act, live: false }, other);
        if (act.live) {
          await side.run(
            `UPDATE backout.run SET backend_pid = ${pid}, backend_start = '${instantOf(since)}' WHERE run = '${run}'`,
          );
          simulation.work({
            pid,
            user: act.name,
            application: `backout/${run}`,
            since,
            query: 'COMMIT',
          });
        }
        await session.close();
      } finally {
        if (role !== null) await side.run(`SET SESSION AUTHORIZATION "${role}"`);
        await side.run(`SET search_path TO ${path}`);
      }
    });
    return { simulated: act.live, end: () => Promise.resolve() };
  }

  return {
    async act(act) {
      switch (act.kind) {
        case 'sql':
          await proxy.beside(() => runBeside(side, act.sql));
          return OVER;
        case 'cut':
          proxy.cutAtCommit(act.commit);
          return OVER;
        case 'hold':
          return hold(act);
        case 'operator':
          return operator(act);
      }
    },
  };
}
