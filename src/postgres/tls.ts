/**
 * TLS as libpq means it (manual, libpq-ssl). node-postgres reads `sslmode` with another meaning (there, `require`
 * verifies and `verify-ca` checks the host name), so the options are built here and nothing is left to it.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { TLSSocket, type ConnectionOptions } from 'node:tls';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { ConnectionParameters } from './settings.ts';

export type Verified = 'full' | 'ca' | 'no';

export interface TlsPlan {
  options: ConnectionOptions;
  verified: Verified;
}

/** How to try, in order: libpq's `prefer` falls back to no TLS, `allow` to TLS. `null` is without TLS. */
export async function tlsAttempts(parameters: ConnectionParameters): Promise<(TlsPlan | null)[]> {
  if (parameters.host.startsWith('/') || parameters.sslmode === 'disable') return [null];
  const tls = await tlsPlan(parameters);
  if (parameters.sslmode === 'prefer') return [tls, null];
  if (parameters.sslmode === 'allow') return [null, tls];
  return [tls];
}

async function tlsPlan(parameters: ConnectionParameters): Promise<TlsPlan> {
  const { host, sslmode, sslrootcert } = parameters;
  const system = sslrootcert === 'system';
  if (system && sslmode !== 'verify-full') {
    throw refuse('sslrootcert=system needs sslmode=verify-full.', 'Set sslmode=verify-full.');
  }
  if (!sslrootcert && sslmode.startsWith('verify')) {
    throw refuse(
      `sslmode=${sslmode} needs the certificate of the authority that signed the server's.`,
      'Name it with sslrootcert or PGSSLROOTCERT, put it in ~/.postgresql/root.crt, or set sslrootcert=system.',
    );
  }
  // With a root certificate libpq checks the chain in every mode ("require with a root is verify-ca").
  const verified: Verified = sslmode === 'verify-full' ? 'full' : sslrootcert ? 'ca' : 'no';
  const options: ConnectionOptions = { host, rejectUnauthorized: verified !== 'no' };
  if (!isIP(host)) options.servername = host;
  if (verified !== 'full') options.checkServerIdentity = () => undefined;
  if (sslrootcert && !system) options.ca = await read('sslrootcert', sslrootcert);
  if (parameters.sslcert) options.cert = await read('sslcert', parameters.sslcert);
  if (parameters.sslkey) options.key = await read('sslkey', parameters.sslkey);
  if (parameters.sslcrl) options.crl = await read('sslcrl', parameters.sslcrl);
  return { options, verified };
}

async function read(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw refuse(
      `The file named by ${setting} cannot be read: ${toLine(path)}.`,
      `Correct ${setting}, or make the file readable.`,
      error,
    );
  }
}

function refuse(message: string, advice: string, cause?: unknown): UserError {
  return new UserError(message, advice, EXIT.cannotConnect, { cause });
}

/** What the connection is protected with, for the first screen. */
export function describeEncryption(socket: unknown, host: string, tls: TlsPlan | null): string {
  if (host.startsWith('/')) return 'unix socket';
  if (!tls || !(socket instanceof TLSSocket)) return 'PLAINTEXT';
  return `${socket.getProtocol() ?? 'TLS'}, verified: ${tls.verified}`;
}
