/** {@link Session} on PGlite, with the manners of the real one: extended protocol, values as text, errors with caret. */
import { protocol, type PGlite } from '@electric-sql/pglite';
import { DatabaseError, type Notice, type QueryResult, type Session } from '../../src/sql/session.ts';

type Message = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number];

/** A session on this database. Several share everything, as there is but one behind them. */
export function sessionOn(db: PGlite): Session {
  const listeners = new Set<(notice: Notice) => void>();
  let lost = false;
  return {
    processId: null,
    get lost() {
      return lost || db.closed;
    },
    async query(sql, params = []) {
      if (lost || db.closed)
        throw new DatabaseError('the connection is closed', '08006', { connectionLost: true });
      const messages = await db.runExclusive(async () => {
        const answer = await db.execProtocol(request(sql, params), { throwOnError: false });
        return answer.messages;
      });
      for (const message of messages) announce(message, listeners);
      return resultOf(messages, sql);
    },
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // PGlite works in this thread: while it does, nobody can ask it for anything.
    cancel: () => Promise.resolve(),
    close: () => {
      lost = true;
      return Promise.resolve();
    },
  };
}

function request(sql: string, params: readonly unknown[]): Uint8Array {
  const { serialize } = protocol;
  return Buffer.concat([
    serialize.parse({ text: sql }),
    serialize.bind({ values: params.map(parameter) }),
    serialize.describe({ type: 'P', name: '' }),
    serialize.execute({}),
    serialize.sync(),
  ]);
}

/** As node-postgres writes parameters: text, an array as an array literal, an object as JSON. */
function parameter(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function element(value: unknown): string {
  if (Array.isArray(value)) return parameter(value) ?? 'NULL';
  const text = parameter(value);
  return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function announce(message: Message, listeners: ReadonlySet<(notice: Notice) => void>): void {
  if (!(message instanceof protocol.messages.NoticeMessage)) return;
  const { severity = 'NOTICE', message: text = '', code, detail, hint } = message;
  for (const listener of [...listeners]) listener({ severity, message: text, sqlstate: code, detail, hint });
}

function resultOf(messages: readonly Message[], sql: string): QueryResult {
  const result: QueryResult = { rows: [], fields: [], rowCount: null, command: '' };
  for (const message of messages) {
    if (message instanceof protocol.messages.DatabaseError) throw errorOf(message, sql);
    if (message instanceof protocol.messages.RowDescriptionMessage) {
      result.fields = message.fields.map((field) => field.name);
    } else if (message instanceof protocol.messages.DataRowMessage) {
      result.rows.push(Object.fromEntries(result.fields.map((name, i) => [name, message.fields[i] ?? null])));
    } else if (message instanceof protocol.messages.CommandCompleteMessage) {
      // `INSERT 0 5`, `SELECT 3`, `ALTER TABLE`: the last number is the count of rows.
      const rows = / (\d+)$/.exec(message.text)?.[1];
      result.rowCount = rows === undefined ? null : Number(rows);
      result.command = message.text.replace(/[\d ]+$/, '');
    }
  }
  return result;
}

function errorOf(error: InstanceType<typeof protocol.messages.DatabaseError>, sql: string): DatabaseError {
  const { severity, detail, hint, where, schema, table, column, constraint } = error;
  const more: DatabaseError['more'] = { severity, detail, hint, where, schema, table, column, constraint };
  // The server counts characters, JavaScript counts UTF-16 units.
  const position = Number(error.position);
  if (position > 0) more.position = [...sql].slice(0, position - 1).join('').length + 1;
  return new DatabaseError(error.message, error.code ?? 'XX000', more, { cause: error });
}
