/** PostgreSQL's wire protocol, as far as a proxy has to understand it (manual, protocol-message-formats). */

export interface Message {
  /** One letter; '' for a message of the start-up, which has none. */
  type: string;
  body: Buffer;
  /** As it came, for passing on. */
  bytes: Buffer;
}

const PROTOCOL_3 = 196608;

/** Cuts what a client sends into messages. Those before and with the StartupMessage have no type. */
export function clientFramer(): (chunk: Buffer) => Message[] {
  let rest = Buffer.alloc(0);
  let typed = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: Message[] = [];
    for (;;) {
      const taken = typed ? takeTyped(rest) : takeUntyped(rest);
      if (taken === null) return messages;
      if (!typed && taken.body.readInt32BE(0) === PROTOCOL_3) typed = true;
      messages.push(taken);
      rest = rest.subarray(taken.bytes.length);
    }
  };
}

/** Cuts what a server sends into messages. */
export function serverFramer(): (chunk: Buffer) => Message[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: Message[] = [];
    for (let taken = takeTyped(rest); taken !== null; taken = takeTyped(rest)) {
      messages.push(taken);
      rest = rest.subarray(taken.bytes.length);
    }
    return messages;
  };
}

function takeTyped(buffer: Buffer): Message | null {
  if (buffer.length < 5) return null;
  const length = 1 + buffer.readInt32BE(1);
  if (buffer.length < length) return null;
  return {
    type: String.fromCharCode(buffer[0] ?? 0),
    body: buffer.subarray(5, length),
    bytes: buffer.subarray(0, length),
  };
}

function takeUntyped(buffer: Buffer): Message | null {
  if (buffer.length < 8) return null;
  const length = buffer.readInt32BE(0);
  if (buffer.length < length) return null;
  return { type: '', body: buffer.subarray(4, length), bytes: buffer.subarray(0, length) };
}

/** The SQL of a Query or Parse message, null for any other. */
export function sqlOf({ type, body }: Message): string | null {
  if (type === 'Q') return cString(body, 0);
  // Parse: the statement's name, then its text.
  if (type === 'P') return cString(body, body.indexOf(0) + 1);
  return null;
}

const cString = (body: Buffer, from: number): string => body.toString('utf8', from, body.indexOf(0, from));

/** `I` idle, `T` in a transaction, `E` in a failed one: what a ReadyForQuery message says. */
export const statusOf = ({ body }: Message): string => String.fromCharCode(body[0] ?? 0);

/** The process a BackendKeyData message names. */
export const processOf = ({ body }: Message): number => body.readInt32BE(0);
