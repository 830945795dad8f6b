/** A session of somebody else's, with a transaction that stays open. */
import pg from 'pg';

export interface Held {
  pid: number;
  /** Whether the server ended it. */
  readonly lost: boolean;
  /** Resolves once the connection is closed, by whomever. */
  gone: Promise<void>;
  end(): Promise<void>;
}

/** Begins a transaction, sends one statement in it, and then nothing more. */
export async function holdOpen(url: string, application: string, statement: string): Promise<Held> {
  const client = new pg.Client({ connectionString: url, application_name: application });
  let lost = false;
  // A session that is ended says so in an error that nobody waits for.
  client.on('error', () => (lost = true));
  const gone = new Promise<void>((resolve) => client.on('end', () => resolve()));
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await client.query('BEGIN');
  await client.query(statement);
  return {
    pid: rows[0]?.pid ?? 0,
    get lost() {
      return lost;
    },
    gone,
    end: () => (lost ? gone : client.end()),
  };
}
