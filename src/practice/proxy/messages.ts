/**
 * PostgreSQL's wire protocol, version 3, as far as practice needs it: cutting a stream into messages, reading the SQL of
 * a request, and writing the few answers that are simulated (manual, protocol-message-formats). Pure.
 */

/** One message: its type, '' for the first ones of a connection, and the whole of its bytes. */
export interface Message {
  type: string;
  bytes: Buffer;
}

/** Cuts a stream into messages, however it arrives. */
export class Cutter {
  #rest: Buffer = Buffer.alloc(0);
  /** @param startup the first message has no type byte */
  constructor(private startup: boolean) {}

  /** A refused SSL request is followed by another first message. */
  expectStartup(): void {
    this.startup = true;
  }

  /** The messages that are whole now. */
  take(chunk: Buffer): Message[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    for (let message = this.#next(); message; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): Message | null {
    const head = this.startup ? 0 : 1;
    if (this.#rest.length < head + 4) return null;
    const length = head + this.#rest.readInt32BE(head);
    if (this.#rest.length < length) return null;
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    const type = this.startup ? '' : String.fromCharCode(bytes[0]!);
    this.startup = false;
    return { type, bytes };
  }
}

/** Request codes in place of a protocol version (manual, protocol-message-formats). */
const CODES: Readonly<Record<number, 'cancel' | 'ssl' | 'gss'>> = {
  80877102: 'cancel',
  80877103: 'ssl',
  80877104: 'gss',
};

/** What the first message of a connection asks for. */
export function startupKind({ bytes }: Message): 'startup' | 'cancel' | 'ssl' | 'gss' {
  return CODES[bytes.readInt32BE(4)] ?? 'startup';
}

/** The SQL of a Parse or Query message; null for any other. */
export function sqlOf({ type, bytes }: Message): string | null {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1);
  if (type !== 'P') return null;
  const name = bytes.indexOf(0, 5);
  return bytes.toString('utf8', name + 1, bytes.indexOf(0, name + 1));
}

/** 'I', 'T' or 'E': idle, in a transaction, in a failed one; null for any other message. */
export function statusOf({ type, bytes }: Message): 'I' | 'T' | 'E' | null {
  return type === 'Z' ? (String.fromCharCode(bytes[5]!) as 'I' | 'T' | 'E') : null;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8');

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export const query = (sql: string): Buffer => message('Q', text(sql));

export const ready = (status: 'I' | 'T' | 'E'): Buffer => message('Z', Buffer.from(status));

/** A session is there: nobody has to prove who they are, in a folder that is theirs alone. */
export const welcome = (processId: number): Buffer =>
  Buffer.concat([message('R', int32(0)), message('K', int32(processId), int32(0)), ready('I')]);

export function errorResponse(fields: { sqlstate: string; message: string; severity?: string }): Buffer {
  const { sqlstate, message: words, severity = 'ERROR' } = fields;
  const field = (code: string, value: string): Buffer => Buffer.concat([Buffer.from(code), text(value)]);
  const all = [field('S', severity), field('V', severity), field('C', sqlstate), field('M', words)];
  return message('E', ...all, Buffer.from([0]));
}

const TEXT_OID = 25;

/** What a SELECT in one batch of the extended protocol is answered with; every value is text. */
export function rowsResponse(columns: readonly string[], rows: readonly (string | null)[][]): Buffer {
  const described = columns.map((name) =>
    Buffer.concat([text(name), int32(0), int16(0), int32(TEXT_OID), int16(-1), int32(-1), int16(0)]),
  );
  const value = (of: string | null): Buffer => {
    if (of === null) return int32(-1);
    const bytes = Buffer.from(of, 'utf8');
    return Buffer.concat([int32(bytes.length), bytes]);
  };
  return Buffer.concat([
    message('1'),
    message('2'),
    columns.length === 0 ? message('n') : message('T', int16(columns.length), ...described),
    ...rows.map((row) => message('D', int16(row.length), ...row.map(value))),
    message('C', text(`SELECT ${rows.length}`)),
  ]);
}

/** The parameters that a batch binds, as text; null for NULL. */
export function bound(batch: readonly Message[]): (string | null)[] {
  const bytes = batch.find(({ type }) => type === 'B')?.bytes;
  if (!bytes) return [];
  const statement = bytes.indexOf(0, bytes.indexOf(0, 5) + 1) + 1;
  let at = statement + 2 + 2 * bytes.readInt16BE(statement);
  const count = bytes.readInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    const value = bytes.toString('utf8', at, at + length);
    at += length;
    return value;
  });
}
