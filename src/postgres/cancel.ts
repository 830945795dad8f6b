/** Asking the server to cancel a statement: a CancelRequest on a connection of its own (manual, protocol-flow). */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionParameters } from './settings.ts';
import type { TlsPlan } from './tls.ts';

const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;
const GIVE_UP_MS = 5000;

export interface CancelKey {
  processId: number;
  secretKey: number;
}

/**
 * Resolves when the server has closed the connection, which it does once the signal is sent; the statement itself
 * ends a little later, with SQLSTATE 57014, or may have finished before.
 * @throws {Error} when the server cannot be reached within five seconds.
 */
export async function sendCancel(
  parameters: ConnectionParameters,
  tls: TlsPlan | null,
  key: CancelKey,
): Promise<void> {
  const { host, hostaddr, port } = parameters;
  const plain = host.startsWith('/')
    ? connectTcp(`${host}/.s.PGSQL.${port}`)
    : connectTcp(port, hostaddr ?? host);
  plain.setTimeout(GIVE_UP_MS, () =>
    plain.destroy(new Error('the server did not answer the request to cancel')),
  );
  try {
    await event(plain, 'connect');
    const socket = tls ? await upgrade(plain, tls) : plain;
    const closed = event(socket, 'close');
    socket.end(message(CANCEL_REQUEST, key.processId, key.secretKey));
    socket.resume();
    await closed;
  } finally {
    plain.destroy();
  }
}

async function upgrade(plain: Socket, tls: TlsPlan): Promise<Socket> {
  const answered = new Promise<Buffer>((resolve, reject) => {
    plain.once('data', resolve);
    plain.once('error', reject);
    plain.once('close', () => reject(new Error('the server closed the connection')));
  });
  plain.write(message(SSL_REQUEST));
  const answer = await answered;
  if (answer.toString('latin1') !== 'S') throw new Error('the server does not support TLS');
  const socket = connectTls({ ...tls.options, socket: plain });
  await event(socket, 'secureConnect');
  return socket;
}

/** Length, then the numbers, each of four bytes. */
function message(...numbers: number[]): Buffer {
  const buffer = Buffer.alloc(4 + 4 * numbers.length);
  buffer.writeInt32BE(buffer.length, 0);
  numbers.forEach((number, index) => buffer.writeInt32BE(number, 4 + 4 * index));
  return buffer;
}

function event(socket: Socket, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, () => resolve());
    socket.once('error', reject);
    if (name !== 'close') socket.once('close', () => reject(new Error('the server closed the connection')));
  });
}
