/** The instructor's side: finds running drills, listens to one, asks for its events. */
import { createConnection, type Socket } from 'node:net';
import type { RunningDrill } from '../../wizard/types.ts';
import { onLines } from './lines.ts';
import { removeSocket, socketsIn } from './place.ts';
import { readNews, type FromDrill } from './protocol.ts';

/** A journal's line may hold a whole plan. */
const LONGEST_NEWS = 10_000_000;
/** A drill answers at once; a process that is stopped does not. */
const PATIENCE_MS = 2_000;

/** Who it is, or null where nobody answers. What is left of a process that is gone is removed. */
function knock(path: string): Promise<RunningDrill | null> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const finish = (found: RunningDrill | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(() => finish(null), PATIENCE_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // connect(2): ECONNREFUSED, nobody listens on that path any more.
      if (error.code === 'ECONNREFUSED') void removeSocket(path).then(() => finish(null));
      else finish(null);
    });
    // After an error what was left behind is removed first.
    socket.on('close', (failed) => (failed ? undefined : finish(null)));
    onLines(socket, LONGEST_NEWS, (line) => {
      const news = readNews(line);
      if (news?.type === 'hello') finish({ path, person: news.person, title: news.drill.title });
    });
  });
}

/** The drills that run now, of this user. */
export async function runningDrills(folder: string): Promise<RunningDrill[]> {
  const found = await Promise.all((await socketsIn(folder)).map(knock));
  return found.filter((one) => one !== null);
}

export interface Listening {
  inject(id: string): void;
  close(): void;
}

/** Tells every message of the drill in order, and when it is over. */
export function listenTo(path: string, onNews: (news: FromDrill) => void, onOver: () => void): Listening {
  const socket: Socket = createConnection(path);
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    socket.destroy();
    onOver();
  };
  socket.on('error', end);
  socket.on('close', end);
  onLines(socket, LONGEST_NEWS, (line) => {
    const news = readNews(line);
    // A drill of another version of backout: what it says cannot be relied on.
    if (news) onNews(news);
    else end();
  });
  return {
    inject: (id) => void socket.write(`${JSON.stringify({ inject: id })}\n`),
    close: end,
  };
}
