/** Why no connection came about, when it was not the server that said so. */
import type { DatabaseError } from '../../sql/session.ts';
import type { Words } from './sqlstates.ts';

const BY_CODE: Readonly<Record<string, Words>> = {
  ECONNREFUSED: {
    explanation: 'Nothing listens at this host and port: the machine answered, and refused.',
    advice: 'Check host and port, and that the server runs and listens on this address (listen_addresses).',
  },
  ENOTFOUND: {
    explanation: 'This host name is not known.',
    advice: 'Check the spelling of the host, and that this machine may look it up (VPN, DNS).',
  },
  EAI_AGAIN: {
    explanation: 'The host name could not be looked up: the name server does not answer.',
    advice: 'Check the network and DNS of this machine, then try again.',
  },
  ETIMEDOUT: {
    explanation: 'The host did not answer in time.',
    advice: 'Check host and port, firewall and VPN. connect_timeout sets how long is waited.',
  },
  EHOSTUNREACH: {
    explanation: 'There is no way to this host from here.',
    advice: 'Check the network, firewall and VPN.',
  },
  ENETUNREACH: {
    explanation: 'There is no way to this network from here.',
    advice: 'Check the network and VPN.',
  },
  ECONNRESET: {
    explanation: 'The connection was cut by the other side.',
    advice: 'Check the log of the server and of anything between (pooler, load balancer), then try again.',
  },
  ENOENT: {
    explanation: 'There is no server socket in this directory.',
    advice: 'Check that the server runs, and name its socket directory or a host name as the host.',
  },
  EACCES: {
    explanation: "This account may not use the server's socket.",
    advice: 'Connect as a user who may, or through TCP with a host name.',
  },
};

const TLS_REFUSED: Words = {
  explanation: 'The server does not offer TLS, and the settings ask for it.',
  advice:
    'Turn TLS on in the server (ssl = on), or lower sslmode if this network may carry passwords and data in the clear.',
};

const NAME_MISMATCH: Words = {
  explanation: 'The server showed a certificate for another name: this may not be the server you mean.',
  advice:
    'Use the host name that the certificate is for. Lower sslmode to verify-ca only if you know why they differ.',
};

const NOT_TRUSTED: Words = {
  explanation: "The server's certificate is not signed by the authority in sslrootcert, or is not valid.",
  advice:
    "Name the right authority's certificate with sslrootcert, or have the server's certificate renewed.",
};

const TLS_FAILED: Words = {
  explanation: 'The TLS connection could not be set up.',
  advice: 'Check sslmode, the certificate settings, and that this port is a PostgreSQL server with TLS.',
};

const NO_PASSWORD: Words = {
  explanation: 'The server asks for a password, and none was given.',
  advice: 'Set PGPASSWORD, or put it into ~/.pgpass (mode 0600), then try again.',
};

const NOT_POSTGRES: Words = {
  explanation: 'Something answered, but not as a PostgreSQL server does.',
  advice: 'Check host and port.',
};

/** Null when the server itself sent the error. */
export function explainConnection(error: DatabaseError): Words | null {
  if (error.sqlstate !== '08001') return null;
  for (const cause of causes(error.cause)) {
    const code = 'code' in cause ? String(cause.code) : '';
    const words = BY_CODE[code] ?? byMessage(cause.message, code);
    if (words) return words;
  }
  return null;
}

/** A host name with several addresses fails with all their errors in one. */
function causes(error: unknown): Error[] {
  if (error instanceof AggregateError) return error.errors.flatMap(causes);
  return error instanceof Error ? [error] : [];
}

function byMessage(message: string, code: string): Words | null {
  if (message.includes('does not support SSL')) return TLS_REFUSED;
  if (message.includes('asks for a password')) return NO_PASSWORD;
  if (message.includes('timeout expired')) return BY_CODE['ETIMEDOUT'] ?? null;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return NAME_MISMATCH;
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|CRL/.test(code)) return NOT_TRUSTED;
  if (/SSL|TLS|EPROTO/.test(code) || /SSL connection/.test(message)) return TLS_FAILED;
  if (/terminated unexpectedly/.test(message)) return BY_CODE['ECONNRESET'] ?? null;
  return NOT_POSTGRES;
}
