/** A socket's bytes as lines. */
import type { Socket } from 'node:net';

/**
 * Calls back for each line.
 * @param longest of one line, in characters; more ends the connection
 */
export function onLines(socket: Socket, longest: number, listener: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > longest || parts.some((part) => part.length > longest)) {
      socket.destroy();
      return;
    }
    for (const part of parts) listener(part);
  });
}
