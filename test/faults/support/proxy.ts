/**
 * A TCP proxy between the program and the server that reads what they say, numbers the statements of every
 * transaction that writes, and lets the test act before a statement reaches the server or before its answer reaches
 * the program.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { clientFramer, processOf, serverFramer, sqlOf, statusOf, type Message } from './wire.ts';

export interface Statement {
  sql: string;
  /** From 1, over all connections; 0 outside of transactions that write. */
  transaction: number;
  /** From 0, which is BEGIN, within the transaction. */
  index: number;
  /** The server process that runs it. */
  backend: number;
}

export interface Wire {
  /** Both ends are gone at once, without a word. */
  cut(): void;
  /** The program's end is reset; the server's stays open and hears nothing more, until {@link Wire.cut}. */
  partition(): void;
  /** The server's end may die and the program's is not told, until {@link Wire.cut}. */
  keepProgramWaiting(): void;
  /** Hands what was held to the server although the program has gone; resolves when the server has answered it. */
  deliverLate(): Promise<void>;
}

/** What to do with a statement or an answer that is being held. `drop`: it goes nowhere. */
export type Verdict = 'pass' | 'drop';

export interface Gate {
  before?(statement: Statement, wire: Wire): Promise<Verdict> | Verdict;
  after?(statement: Statement, wire: Wire): Promise<Verdict> | Verdict;
}

export interface Proxy {
  url: string;
  gate: Gate;
  /** Applied to every message of the program before it is passed on. */
  rewrite: ((bytes: Buffer) => Buffer) | null;
  /** Refuses connections from now on, as a network that is down does. */
  refuse: boolean;
  close(): Promise<void>;
}

const BEGINS = /^\s*(BEGIN|START\s+TRANSACTION)\b(?!.*READ\s+ONLY)/is;
const WRITES = /^\s*(INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|COMMENT)\b/i;

/** Forwards to the server of `url`, without TLS. */
export async function startProxy(url: string): Promise<Proxy> {
  const target = new URL(url);
  const real = { port: Number(target.port), host: target.hostname };
  const sockets = new Set<Socket>();
  const counter = { transactions: 0 };
  const server = createServer((client) => {
    if (proxy.refuse) return void client.resetAndDestroy();
    const upstream = connect(real);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
      // A connection that is cut resets its other end: that is what is being tried.
      socket.on('error', () => undefined);
    }
    relay(client, upstream, proxy, counter);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target.port = String((server.address() as AddressInfo).port);
  target.searchParams.set('sslmode', 'disable');
  const proxy: Proxy = {
    url: target.href,
    gate: {},
    rewrite: null,
    refuse: false,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function relay(client: Socket, upstream: Socket, proxy: Proxy, counter: { transactions: number }): void {
  const fromClient = clientFramer();
  const fromServer = serverFramer();
  let ready = false;
  let status = 'I';
  let backend = 0;
  let transaction = 0;
  let index = 0;
  let request: Message[] = [];
  let queue: Promise<void> = Promise.resolve();
  /** Answers to the request under way, until its ReadyForQuery. */
  let answer: Buffer[] | null = null;
  let answered: () => void = () => undefined;
  let parted = false;
  let waiting = false;

  const send = (messages: Message[]): void => {
    const bytes = Buffer.concat(messages.map((message) => message.bytes));
    upstream.write(proxy.rewrite ? proxy.rewrite(bytes) : bytes);
  };

  function place(sql: string): Statement {
    if (status === 'I') {
      transaction = BEGINS.test(sql) || WRITES.test(sql) ? (counter.transactions += 1) : 0;
      index = 0;
    } else if (transaction > 0) index += 1;
    return { sql, transaction, index, backend };
  }

  async function exchange(messages: Message[]): Promise<void> {
    const sql = messages.map(sqlOf).find((found) => found !== null) ?? '';
    const statement = place(sql);
    let late: (() => Promise<void>) | null = null;
    const ask = async (): Promise<Buffer[]> => {
      const got: Buffer[] = [];
      const whole = new Promise<void>((resolve) => (answered = resolve));
      answer = got;
      send(messages);
      await whole;
      answer = null;
      return got;
    };
    const wire: Wire = {
      cut() {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      },
      partition() {
        parted = true;
        late = async () => void (await ask());
        client.resetAndDestroy();
      },
      keepProgramWaiting() {
        waiting = true;
      },
      deliverLate: async () => late?.(),
    };
    if ((await proxy.gate.before?.(statement, wire)) === 'drop') return;
    const got = await ask();
    if ((await proxy.gate.after?.(statement, wire)) === 'drop') return;
    for (const bytes of got) client.write(bytes);
  }

  client.on('data', (chunk) => {
    for (const message of fromClient(chunk)) {
      if (!ready || message.type === 'X') {
        send([message]);
        continue;
      }
      request.push(message);
      if (message.type !== 'Q' && message.type !== 'S') continue;
      const whole = request;
      request = [];
      queue = queue.then(() => exchange(whole)).catch(() => undefined);
    }
  });
  upstream.on('data', (chunk) => {
    for (const message of fromServer(chunk)) {
      if (message.type === 'K') backend = processOf(message);
      if (answer) answer.push(message.bytes);
      else client.write(message.bytes);
      if (message.type !== 'Z') continue;
      ready = true;
      status = statusOf(message);
      answered();
    }
  });
  // A server that dies says why first, and that must still arrive.
  upstream.on('close', () => {
    for (const bytes of answer ?? []) client.write(bytes);
    answer = null;
    if (!waiting) client.end();
    answered();
  });
  client.on('close', () => {
    if (!parted) upstream.destroy();
  });
}
