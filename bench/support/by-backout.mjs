// One step carried out by backout's own executor, as the runtime puts it together (src/runtime/step.ts), without the
// screens, the surveys and the journal file but for its fsync before COMMIT.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { load } from './load.mjs';
import { spent } from './meter.mjs';

const loaded = await load([
  'src/runbook/read.ts',
  'src/sql/plan.ts',
  'src/sql/parse.ts',
  'src/sql/execute.ts',
  'src/sql/execute/lock-policy.ts',
  'src/sql/lock-levels.ts',
  'src/runtime/rollback.ts',
  'src/runtime/course.ts',
  'src/postgres/connect.ts',
  'src/postgres/settings.ts',
  'src/postgres/store.ts',
]);
await loaded.loadParser();

const STEP = 'step-1';
const RUN = '20261122-1549-k3f9';
const now = () => performance.timeOrigin + performance.now();

/** @param {string} file @returns the runbook, its plan, and the statements of its first step */
export async function documentIn(file) {
  const runbook = await loaded.readRunbook(file);
  const plan = loaded.planOf(runbook);
  const statements = plan.steps.find(({ id }) => id === STEP).statements.map(({ sql }) => sql);
  return { runbook, plan, statements };
}

/** Every query between two looks at the log's position and the processor: what each action costs. */
function tapped(session, data, pid, onQuery) {
  const look = async () => {
    const { rows } = await session.query(`SELECT pg_catalog.pg_current_wal_insert_lsn() - '0/0' AS bytes`);
    return { wal: Number(rows[0].bytes) / 2 ** 20, processor: spent(data, pid) ?? NaN };
  };
  const query = async (sql, params) => {
    const before = await look();
    const result = await session.query(sql, params);
    const after = await look();
    onQuery(sql, { wal: after.wal - before.wal, processor: after.processor - before.processor });
    return result;
  };
  return new Proxy(session, {
    get: (target, key) => {
      if (key === 'query') return query;
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * Connects, makes the store, looks, and has the step's procedure ready in that form.
 * @param {{ cluster: { data: string, url: (database: string) => string } }} server
 * @param {string} database
 * @param {Awaited<ReturnType<typeof documentIn>>} document
 * @param {{ form: string, withoutArchive: boolean }} variant
 * @param {string} folder for the file that is synced before COMMIT
 */
export async function openStep({ cluster }, database, { runbook, plan }, { form, withoutArchive }, folder) {
  const input = { url: cluster.url(database), urlOrigin: 'bench', env: {}, home: folder, osUser: 'bench' };
  const connection = await loaded.resolveSettings(input);
  const session = await loaded.openSession(connection, { applicationName: `backout/${RUN}` });
  const server = await loaded.serverInfo(session, connection);
  const schema = 'public';
  await loaded.withSchema(session, schema);
  await loaded.prepareStore(session);
  await loaded.registerRun(session, {
    run: RUN,
    kind: 'rollback',
    undoes: null,
    runbook: { path: '', title: '', sha256: '', migration: null },
    plan: '',
    schema,
    operator: 'bench',
    host: 'bench',
    version: '0',
  });
  const course = loaded.rollbackCourse({ runbook, plan, schema });
  const openOther = () => loaded.openSession(connection, { applicationName: 'backout' });
  const request = { session, server, schema, run: RUN, withoutArchive, backup: null, openOther };
  const began = now();
  const look = await course.look(request);
  const looking = (now() - began) / 1000;
  const procedures = loaded.chosen(look.offers, [STEP], { [STEP]: form });
  if (!procedures) {
    const offer = look.offers.find(({ step }) => step === STEP)?.offers.find((one) => one.form === form);
    throw new Error(`${form} is not offered: ${offer?.refused.join(' ')}`);
  }
  const [{ backend }] = (await session.query('SELECT pg_catalog.pg_backend_pid() AS backend')).rows;

  return {
    pid: Number(backend),
    looking,
    /**
     * Runs it, and says how long the table was closed at most, from the LOCK's sending to COMMIT's answer.
     * @param {(action: { sql: string, seconds: number, wal: number, processor: number }) => void} [onAction] costs two
     * questions at each
     */
    async run(onAction) {
      let closing = null;
      const costs = new Map();
      const hooks = {
        lockTrying: ({ level }) => level === 'ACCESS EXCLUSIVE' && (closing ??= now()),
        lockMissed: () => (closing = null),
        lockTaken: () => undefined,
        actionStarted: () => undefined,
        notice: () => undefined,
        actionDone: (_step, { sql, role }, rows, seconds) =>
          onAction?.({ sql, role, rows, seconds, ...costs.get(sql) }),
        actionFailed: () => undefined,
        committing: async (transaction) => synced(folder, transaction),
      };
      const watched = onAction
        ? tapped(session, cluster.data, Number(backend), (sql, cost) => costs.set(sql, cost))
        : session;
      const result = await loaded.runStep({
        session: watched,
        schema,
        procedures,
        locks: look.locks(procedures),
        lockTimeoutMs: loaded.LOCK_TIMEOUT_MS,
        policies: { before: loaded.BEFORE_WORK, amid: loaded.AMID_WORK },
        unchanged: (procedure) => look.unchanged(procedures, procedure),
        hooks,
        stopped: () => false,
        now,
        random: Math.random,
        pause: (ms) => pause(ms),
      });
      if (result.kind !== 'committed')
        throw new Error(`the step ended as ${result.kind}`, { cause: result.error });
      return { seconds: result.seconds, closedAtMost: (now() - closing) / 1000 };
    },
    close: () => session.close(),
  };
}

/** As the local journal does with its intent. */
function synced(folder, transaction) {
  const file = openSync(join(folder, 'journal'), 'a');
  writeSync(file, `${JSON.stringify(transaction)}\n`);
  fsyncSync(file);
  closeSync(file);
}
