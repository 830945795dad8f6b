/** A TCP proxy that cuts the connection at COMMIT, on one side of the server's answer or the other, or keeps COMMIT back. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Cut = 'before-the-server' | 'before-the-answer' | 'kept-back';

export interface Proxy {
  url: string;
  /** From now on the next COMMIT is cut; later connections pass through untouched. */
  arm(cut: Cut): void;
  /** Resolves when a COMMIT was kept back; the connection stands until the server ends it. */
  kept: Promise<void>;
  /** Sends on what was kept back. */
  release(): void;
  /** The client's end of every connection there is: the server hears nothing of it. Later ones pass through. */
  loseAll(): void;
  close(): Promise<void>;
}

/** Forwards to the server of `url`. */
export async function startProxy(url: string): Promise<Proxy> {
  const target = new URL(url);
  const real = { port: Number(target.port), host: target.hostname };
  let armed: Cut | null = null;
  let keep = (): void => undefined;
  let release = (): unknown => undefined;
  const kept = new Promise<void>((resolve) => (keep = resolve));
  const sockets = new Set<Socket>();
  const ends = new Set<() => void>();
  const server = createServer((client) => {
    const upstream = connect(real);
    let committing = false;
    const cut = (): void => {
      armed = null;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // A cut connection resets its other end: that is what is being tried.
      socket.on('error', () => undefined);
    }
    client.on('data', (data) => {
      committing = armed !== null && data.includes('COMMIT');
      if (committing && armed === 'before-the-server') return cut();
      if (committing && armed === 'kept-back') {
        armed = null;
        release = () => upstream.write(data);
        return keep();
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (committing && armed === 'before-the-answer' && data.includes('COMMIT')) return cut();
      client.write(data);
    });
    let lost = false;
    ends.add(() => {
      lost = true;
      client.destroy();
    });
    client.on('close', () => void (lost || upstream.destroy()));
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target.port = String((server.address() as AddressInfo).port);
  return {
    url: target.href,
    kept,
    release: () => void release(),
    arm: (cut) => {
      armed = cut;
    },
    loseAll: () => {
      for (const lose of ends) lose();
      ends.clear();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
