/** {@link Session} over one `pg.Client`. */
import type pg from 'pg';
import { DatabaseError, type Notice, type QueryResult, type Session } from '../sql/session.ts';
import { sendCancel, type CancelKey } from './cancel.ts';
import { statementError } from './database-error.ts';
import type { ConnectionParameters } from './settings.ts';
import type { TlsPlan } from './tls.ts';

/** A connected client and how it was connected. */
export interface Backend {
  client: pg.Client;
  parameters: ConnectionParameters;
  tls: TlsPlan | null;
  key: CancelKey | null;
  /** e.g. `TLSv1.3, verified: full`. */
  encryption: string;
}

const CLOSE_WITHIN_MS = 2000;

/** Values come back as the server wrote them: text or null. */
export class PostgresSession implements Session {
  readonly encryption: string;
  readonly processId: number | null;
  #lost = false;
  #last: Promise<unknown> = Promise.resolve();
  #tag = '';
  readonly #backend: Backend;
  readonly #listeners = new Set<(notice: Notice) => void>();

  constructor(backend: Backend) {
    this.#backend = backend;
    this.encryption = backend.encryption;
    this.processId = backend.key?.processId ?? null;
    const { client } = backend;
    client.on('error', () => (this.#lost = true));
    client.on('end', () => (this.#lost = true));
    client.on('notice', (message) => this.#notify(message));
    // node-postgres keeps the first word of the command tag alone.
    client.connection.on('commandComplete', (message: { text: string }) => {
      this.#tag = message.text.replace(/[\d ]+$/, '');
    });
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** One after the other: a statement given while another runs waits for it. */
  query(sql: string, params: readonly unknown[] = []): Promise<QueryResult> {
    const run = this.#last.then(() => this.#run(sql, params));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(sql: string, params: readonly unknown[]): Promise<QueryResult> {
    if (this.#lost) {
      throw new DatabaseError('the connection to the server is gone', '08006', { connectionLost: true });
    }
    // `queryMode` makes node-postgres use the extended protocol, which takes one statement a message.
    const config: pg.QueryConfig & { queryMode: 'extended' } = {
      text: sql,
      values: [...params],
      queryMode: 'extended',
    };
    this.#tag = '';
    try {
      const result = await this.#backend.client.query<Record<string, unknown>>(config);
      const fields = result.fields.map(({ name }) => name);
      return { rows: result.rows, fields, rowCount: result.rowCount, command: this.#tag || result.command };
    } catch (error) {
      const mapped = statementError(error, sql);
      if (mapped.more.connectionLost) this.#lost = true;
      throw mapped;
    }
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(message: {
    severity: string | undefined;
    message: string | undefined;
    code: string | undefined;
    detail: string | undefined;
    hint: string | undefined;
  }): void {
    const notice: Notice = { severity: message.severity ?? 'NOTICE', message: message.message ?? '' };
    if (message.code) notice.sqlstate = message.code;
    if (message.detail) notice.detail = message.detail;
    if (message.hint) notice.hint = message.hint;
    for (const listener of [...this.#listeners]) listener(notice);
  }

  async cancel(): Promise<void> {
    const { parameters, tls, key } = this.#backend;
    if (!key || this.#lost) return;
    await sendCancel(parameters, tls, key);
  }

  /** Waits two seconds for a proper end, then cuts the connection. */
  async close(): Promise<void> {
    const { client } = this.#backend;
    this.#lost = true;
    const timer = setTimeout(() => client.connection.stream.destroy(), CLOSE_WITHIN_MS);
    try {
      await client.end();
    } catch {
      client.connection.stream.destroy();
    } finally {
      clearTimeout(timer);
    }
  }
}
