/** A database of a test's own, what is in it, and the commands that roll it back and forth. */
import { orderless, type Snapshot } from '../../e2e/support/snapshot.ts';
import { freshDatabase, type TestDatabase } from '../../support/server.ts';
import { openDesk, type Desk, type Ended } from './io.ts';

/** What a test server warns of: its superuser, and that nobody named a backup. */
const WARNINGS = ['privileges', 'backup'];

export interface Bench {
  desk: Desk;
  database: TestDatabase;
  /** `backout COMMAND … --database URL`. */
  backout(...words: string[]): Promise<Ended>;
  /** As {@link backout}, with the database's name and consent to what every test server warns of, and to `more`. */
  confirmed(words: string[], more?: string[]): Promise<Ended>;
  rollBack(...words: string[]): Promise<Ended>;
  exec(sql: string): Promise<void>;
  rows<T>(sql: string): Promise<T[]>;
  /** Schema public, whatever the order of columns. */
  state(): Promise<Snapshot>;
  clear(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const [desk, database] = await Promise.all([openDesk(), freshDatabase()]);
  const backout = (...words: string[]): Promise<Ended> => desk.run([...words, '--database', database.url]);
  const confirmed: Bench['confirmed'] = (words, more = []) =>
    backout(
      ...words,
      ...['--confirm', database.name],
      ...[...WARNINGS, ...more].flatMap((id) => ['--accept', id]),
    );
  return {
    desk,
    database,
    backout,
    confirmed,
    rollBack: (...words) => confirmed(['run', '--choose', 'rollback', ...words]),
    exec: (sql) => database.use(async (db) => void (await db.exec(sql))),
    rows: <T>(sql: string) => database.use(async (db) => (await db.query(sql)).rows as T[]),
    state: () => database.use(orderless),
    async clear() {
      await database.drop();
      await desk.clear();
    },
  };
}

/** The ids of the runs on this machine, newest first. */
export async function runs(bench: Bench): Promise<string[]> {
  const { out } = await bench.desk.run(['runs', '--json']);
  return (JSON.parse(out) as { runs: { run: string }[] }).runs.map(({ run }) => run);
}
