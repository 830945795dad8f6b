/** The drill's side: tells its instructor what happens, and makes the drill's own events happen when they ask. */
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { JournalEvent, UnwrittenEvent } from '../../journal/types.ts';
import type { Injector } from '../drill/inject.ts';
import type { Drill } from '../drill/types.ts';
import { onLines } from './lines.ts';
import { ownFolder, removeSocket, socketIn, whyNoInstructor } from './place.ts';
import { hello, LONGEST_REQUEST, prepared, readRequest, type FromDrill } from './protocol.ts';

export interface Instructed {
  path: string;
  /** A line of the journal, in order. Lines that the journal could not take are not told. */
  hear(event: JournalEvent | UnwrittenEvent): void;
  close(): Promise<void>;
}

export interface ServeOptions {
  folder: string;
  person: string;
  drill: Drill;
  injector: Pick<Injector, 'inject' | 'waiting'> | null;
  pid?: number;
}

const reasonOf = (error: unknown): string =>
  `It could not be made to happen: ${error instanceof Error ? error.message : String(error)}`;
const NO_EVENTS = 'This drill has no events.';

/**
 * Listens for an instructor of the same user. Null where no socket can be had: the drill goes on without one.
 */
export async function serveInstructor(options: ServeOptions): Promise<Instructed | null> {
  const { folder, person, drill, injector, pid = process.pid } = options;
  const path = socketIn(folder, pid);
  if (path === null || whyNoInstructor(folder) !== null) return null;
  const told: JournalEvent[] = [];
  const instructors = new Set<Socket>();

  const send = (socket: Socket, message: FromDrill): void => {
    socket.write(`${JSON.stringify(message)}\n`);
  };
  const sendAll = (message: FromDrill): void => {
    for (const socket of instructors) send(socket, message);
  };
  const waiting = (): FromDrill => ({
    type: 'waiting',
    events: (injector?.waiting() ?? []).map(prepared),
  });

  let waitingTold = '';
  /** Which events are left changes when one happens, and when the stage stands at last. */
  function tellWaiting(): void {
    const now = JSON.stringify(waiting());
    if (now === waitingTold) return;
    waitingTold = now;
    sendAll(waiting());
  }

  async function asked(socket: Socket, line: string): Promise<void> {
    const request = readRequest(line);
    if (!request) {
      socket.destroy();
      return;
    }
    const text = injector ? await injector.inject(request.inject).catch(reasonOf) : NO_EVENTS;
    send(socket, { type: 'said', text });
    tellWaiting();
  }

  const server = createServer((socket) => {
    instructors.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => instructors.delete(socket));
    onLines(socket, LONGEST_REQUEST, (line) => void asked(socket, line));
    send(socket, hello(drill, person, pid));
    for (const event of told) send(socket, { type: 'journal', event });
    send(socket, waiting());
  });
  if (!(await listening(server, folder, path))) return null;

  return {
    path,
    hear(event) {
      if (event.seq === null) return;
      told.push(event);
      sendAll({ type: 'journal', event });
      tellWaiting();
    },
    async close() {
      for (const socket of instructors) socket.destroySoon();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await removeSocket(path);
    },
  };
}

/** The folder is the operator's own, so what stands under our own pid is left over from a process that is gone. */
async function listening(server: Server, folder: string, path: string): Promise<boolean> {
  try {
    if ((await ownFolder(folder)) !== null) return false;
    await removeSocket(path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    server.unref();
    return true;
  } catch {
    server.close();
    return false;
  }
}
