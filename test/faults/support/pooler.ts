/**
 * A stand-in for a pooler in transaction mode: clients log in for themselves, and from then on each transaction goes to
 * whichever server session is free, the first to have come being the first to be used, as PgBouncer does.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { clientFramer, serverFramer, statusOf } from './wire.ts';

interface Pooled {
  socket: Socket;
  /** Who is being answered; null while it is free. */
  client: Socket | null;
  /** Called when it is free again. */
  freed: (() => void) | null;
}

export interface Pooler {
  url: string;
  close(): Promise<void>;
}

/** In front of the server of `url`, without TLS. */
export async function startPooler(url: string): Promise<Pooler> {
  const target = new URL(url);
  const real = { port: Number(target.port), host: target.hostname };
  const pool: Pooled[] = [];
  const waiting: (() => void)[] = [];
  const sockets = new Set<Socket>();

  async function take(client: Socket): Promise<Pooled> {
    for (;;) {
      const free = pool.find((each) => each.client === null);
      if (free) {
        free.client = client;
        return free;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  const server = createServer((client) => {
    const own = connect(real);
    const pooled: Pooled = { socket: own, client, freed: null };
    for (const socket of [client, own]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    const fromClient = clientFramer();
    const fromServer = serverFramer();
    let loggedIn = false;
    let using: Pooled | null = null;
    let queue: Promise<void> = Promise.resolve();
    client.on('data', (chunk) => {
      for (const message of fromClient(chunk)) {
        if (!loggedIn) own.write(message.bytes);
        else if (message.type === 'X') client.end();
        else
          queue = queue.then(async () => {
            using ??= await take(client);
            using.freed = () => (using = null);
            using.socket.write(message.bytes);
            if (message.type === 'S' || message.type === 'Q') await answered(using);
          });
      }
    });
    own.on('data', (chunk) => {
      for (const message of fromServer(chunk)) {
        // A pooler has keys of its own for cancelling: no client learns the process that serves it.
        if (message.type === 'K') message.bytes.writeInt32BE(1_000_000 + pool.length, 5);
        pooled.client?.write(message.bytes);
        if (message.type !== 'Z') continue;
        if (!loggedIn) {
          loggedIn = true;
          pool.push(pooled);
        }
        ready.get(pooled)?.();
        if (statusOf(message) !== 'I') continue;
        pooled.client = null;
        pooled.freed?.();
        pooled.freed = null;
        for (const wake of waiting.splice(0)) wake();
      }
    });
    own.on('close', () => {
      if (pool.includes(pooled)) pool.splice(pool.indexOf(pooled), 1);
      pooled.client?.end();
    });
  });
  const ready = new Map<Pooled, () => void>();
  const answered = (session: Pooled): Promise<void> => new Promise((resolve) => ready.set(session, resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target.port = String((server.address() as AddressInfo).port);
  target.searchParams.set('sslmode', 'disable');
  return {
    url: target.href,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
