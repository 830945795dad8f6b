/** What the rest of backout knows of a database connection. `src/postgres` implements it over `pg`. */

export interface QueryResult {
  rows: Record<string, unknown>[];
  fields: string[];
  /** Rows the statement touched or returned; null where the server reports none (DDL). */
  rowCount: number | null;
  /** The command tag, e.g. `UPDATE`. */
  command: string;
}

/** A NOTICE, WARNING or INFO from the server: untrusted text. */
export interface Notice {
  severity: string;
  message: string;
  sqlstate?: string;
  detail?: string;
  hint?: string;
}

/** What the server said when it refused a statement. Thrown by {@link Session.query}. */
export class DatabaseError extends Error {
  constructor(
    message: string,
    /** The five-character SQLSTATE; `08006` for a connection that was lost. */
    readonly sqlstate: string,
    readonly more: {
      severity?: string;
      detail?: string;
      hint?: string;
      /** 1-based character offset into the statement that was sent. */
      position?: number;
      where?: string;
      schema?: string;
      table?: string;
      column?: string;
      constraint?: string;
      /** True when the connection is gone, so that what became of the statement is not known. */
      connectionLost?: boolean;
    } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DatabaseError';
  }
}

export interface Session {
  /**
   * Runs exactly one statement through the extended protocol (several in one text are refused, SQLSTATE 42601).
   * @throws {DatabaseError}
   */
  query(sql: string, params?: readonly unknown[]): Promise<QueryResult>;
  onNotice(listener: (notice: Notice) => void): () => void;
  /** Asks the server to cancel the running statement; resolves when asked, not when cancelled. */
  cancel(): Promise<void>;
  close(): Promise<void>;
  /** From BackendKeyData; differs from pg_backend_pid() behind a pooler. */
  readonly processId: number | null;
  /** True once the connection is gone. */
  readonly lost: boolean;
}
