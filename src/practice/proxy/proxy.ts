/**
 * Stands on the socket between the wizard and a practice database, so that a connection can be lost for real, and so
 * that a database with one session can show what it takes several of. What is not simulated goes through as it is.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import {
  Cutter,
  errorResponse,
  query,
  ready,
  sqlOf,
  startupKind,
  statusOf,
  welcome,
  type Message,
} from './messages.ts';
import type { Simulation } from './simulation.ts';

export interface ProxyOptions {
  /** Where it listens: a Unix socket, or a port of 127.0.0.1 (0: any). */
  listen: { path: string } | { host: string; port: number };
  /** Where the server is. */
  server: { path: string } | { host: string; port: number };
  /** The server has one session, which all share: who comes second is answered by the simulation alone. */
  shared: { simulation: Simulation; role: string | null } | null;
}

export interface Proxy {
  /** `host:port`, or the path of the socket. */
  readonly connection: string;
  /** The next COMMIT loses its connection: before it reaches the server, or after the server has carried it out. */
  cutAtCommit(when: 'before' | 'after'): void;
  /** Runs something on the shared session while the wizard has no transaction open and waits; at once where nothing is shared. */
  beside<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type Status = 'I' | 'T' | 'E';

const COMMIT = /^\s*COMMIT\s*;?\s*$/i;

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const proxy = new PracticeProxy(options);
  await proxy.listen();
  return proxy;
}

class PracticeProxy implements Proxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Of the shared session: one request at a time, whoever sends it. */
  #turn: Promise<unknown> = Promise.resolve();
  #besides: (() => Promise<void>)[] = [];
  #cut: 'before' | 'after' | null = null;
  #main: Client | null = null;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.listen, () => {
        this.#server.unref();
        resolve();
      });
    });
  }

  get connection(): string {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? `127.0.0.1:${address.port}` : (address ?? '');
  }

  cutAtCommit(when: 'before' | 'after'): void {
    this.#cut = when;
  }

  beside<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#options.shared) return work();
    return new Promise<T>((resolve, reject) => {
      this.#besides.push(() => work().then(resolve, reject));
      void this.inTurn(() => this.#drain());
    });
  }

  /** Between two transactions of the wizard. */
  async #drain(): Promise<void> {
    if (this.#main && this.#main.status !== 'I') return;
    for (let next = this.#besides.shift(); next; next = this.#besides.shift()) await next();
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const { shared, server } = this.#options;
    const cutter = new Cutter(true);
    const first = (chunk: Buffer): void => {
      for (const message of cutter.take(chunk)) {
        const kind = startupKind(message);
        if (kind === 'ssl' || kind === 'gss') {
          cutter.expectStartup();
          socket.write('N');
          continue;
        }
        socket.off('data', first);
        if (kind === 'cancel') {
          if (shared) return void socket.destroy();
          const passed = createConnection(server, () => passed.end(message.bytes));
          passed.on('error', () => undefined).on('close', () => socket.destroy());
          return;
        }
        if (shared && this.#main) return void new Second(socket, cutter, shared.simulation);
        const client = new Client(socket, cutter, this.#hooks());
        this.#main ??= client;
        void client.start(message);
      }
    };
    socket.on('data', first);
  }

  #hooks(): ClientHooks {
    const { shared, server } = this.#options;
    return {
      server,
      role: shared?.role ?? null,
      inTurn: (work) => (shared ? this.inTurn(work) : work()),
      idle: () => (shared ? this.#drain() : Promise.resolve()),
      instead: async (sql, status) => shared?.simulation.instead(sql, status) ?? null,
      takeCut: () => {
        const cut = this.#cut;
        this.#cut = null;
        return cut;
      },
      gone: (client) => {
        if (this.#main !== client) return;
        this.#main = null;
        void this.inTurn(() => this.#drain());
      },
    };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

interface ClientHooks {
  server: ProxyOptions['server'];
  role: string | null;
  inTurn(work: () => Promise<void>): Promise<void>;
  idle(): Promise<void>;
  /** What is answered instead of the server; null: the server answers. */
  instead(sql: string, status: Status): Promise<Buffer | null>;
  /** Whether this COMMIT is to lose its connection; asked once. */
  takeCut(): 'before' | 'after' | null;
  gone(client: Client): void;
}

/** One connection that goes through to the server. */
class Client {
  status: Status = 'I';
  readonly #front: Socket;
  readonly #cutter: Cutter;
  readonly #hooks: ClientHooks;
  #back: Socket | null = null;
  /** What the server says now is not for the client. */
  #silent = false;
  #withoutReady = false;
  /** It said so with an error, the last time it was silent. */
  #failed = false;
  #answered: ((status: Status | null) => void) | null = null;
  #batch: Message[] = [];

  constructor(front: Socket, cutter: Cutter, hooks: ClientHooks) {
    this.#front = front;
    this.#cutter = cutter;
    this.#hooks = hooks;
    // Nothing is read before the server has said that it is ready.
    front.pause();
  }

  async start(startup: Message): Promise<void> {
    await this.#hooks.inTurn(() => this.#open(startup));
    this.#front.on('data', (chunk: Buffer) => this.#heard(chunk));
    this.#front.once('close', () => this.#left());
    if (this.#front.destroyed) this.#left();
    this.#front.resume();
  }

  async #open(startup: Message): Promise<void> {
    const back = createConnection(this.#hooks.server);
    this.#back = back;
    const cutter = new Cutter(false);
    back.on('data', (chunk: Buffer) => {
      for (const message of cutter.take(chunk)) this.#said(message);
    });
    back.on('error', () => back.destroy());
    back.once('close', () => {
      this.#answered?.(null);
      this.#front.destroy();
    });
    const { role } = this.#hooks;
    if (role === null) return void (await this.#ask(startup.bytes));
    await this.#ask(startup.bytes, { withoutReady: true });
    this.#silent = true;
    this.#failed = false;
    await this.#ask(query(`SET SESSION AUTHORIZATION "${role.replaceAll('"', '""')}"`));
    this.#silent = false;
    if (!this.#failed) return void this.#front.write(ready('I'));
    // Going on would be going on with more rights than the drill gives.
    this.#front.end(
      errorResponse({ severity: 'FATAL', sqlstate: '28000', message: `role "${role}" does not exist` }),
    );
  }

  /** Sends and waits until the server is ready again; null: its connection is gone. */
  #ask(bytes: Buffer, { withoutReady = false } = {}): Promise<Status | null> {
    return new Promise((resolve) => {
      this.#withoutReady = withoutReady;
      this.#answered = (status) => {
        this.#answered = null;
        this.#withoutReady = false;
        resolve(status);
      };
      if (!this.#back || this.#back.destroyed) this.#answered(null);
      else this.#back.write(bytes);
    });
  }

  #said(message: Message): void {
    const status = statusOf(message);
    if (message.type === 'E') this.#failed = true;
    if (!this.#silent && !(status && this.#withoutReady)) this.#front.write(message.bytes);
    if (!status) return;
    this.status = status;
    this.#answered?.(status);
  }

  #heard(chunk: Buffer): void {
    for (const message of this.#cutter.take(chunk)) {
      this.#batch.push(message);
      // A request ends with Sync, or is a simple Query; Terminate ends everything.
      if (!['S', 'Q', 'X'].includes(message.type)) continue;
      const batch = this.#batch;
      this.#batch = [];
      void this.#hooks.inTurn(() => this.#handle(batch));
    }
  }

  async #handle(batch: Message[]): Promise<void> {
    if (this.#front.destroyed) return;
    const bytes = Buffer.concat(batch.map((message) => message.bytes));
    if (batch.at(-1)?.type === 'X') {
      this.#hooks.gone(this);
      this.#back?.end(bytes);
      this.#front.end();
      return;
    }
    const sql = batch.map(sqlOf).find((one) => one !== null) ?? '';
    if (COMMIT.test(sql)) {
      const cut = this.#hooks.takeCut();
      if (cut) return this.#cutAt(cut, bytes);
    }
    const instead = await this.#hooks.instead(sql, this.status);
    if (instead) {
      if (this.#front.destroyed) return;
      const failed = String.fromCharCode(instead[0]!) === 'E';
      this.#front.write(Buffer.concat([instead, ready(failed && this.status === 'T' ? 'E' : this.status)]));
      return;
    }
    await this.#ask(bytes);
    await this.#hooks.idle();
  }

  /** The server rolls back what a lost session leaves open, or has carried the COMMIT out and is not heard. */
  async #cutAt(when: 'before' | 'after', bytes: Buffer): Promise<void> {
    this.#silent = true;
    if (when === 'after') await this.#ask(bytes);
    this.#hooks.gone(this);
    this.#front.destroy();
    await this.#closed();
  }

  #closed(): Promise<void> {
    const back = this.#back;
    if (!back || back.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      back.once('close', () => resolve());
      back.destroy();
    });
  }

  #left(): void {
    // Whoever comes next is the wizard again, and waits its turn behind this.
    this.#hooks.gone(this);
    void this.#hooks.inTurn(() => this.#closed());
  }
}

/** Any number that is no process of the embedded server. */
const SECOND_PID = 4242;

/** A second connection to a server with one session: there is nobody behind it but the simulation. */
class Second {
  constructor(socket: Socket, cutter: Cutter, simulation: Simulation) {
    socket.write(welcome(SECOND_PID));
    let batch: Message[] = [];
    socket.on('data', (chunk: Buffer) => {
      for (const message of cutter.take(chunk)) {
        batch.push(message);
        if (message.type === 'X') return void socket.end();
        if (message.type !== 'S' && message.type !== 'Q') continue;
        const answer = simulation.second(batch) ?? errorResponse(NOT_SIMULATED);
        batch = [];
        socket.write(Buffer.concat([answer, ready('I')]));
      }
    });
  }
}

const NOT_SIMULATED = {
  sqlstate: '0A000',
  message: 'the practice database has one session, and this is not simulated for a second one',
};
