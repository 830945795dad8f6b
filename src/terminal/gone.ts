/**
 * A terminal that is gone when the program ends. Node restores the settings of every terminal it was started with as it
 * leaves, and aborts where the system refuses that (node::ResetStdio, an assertion; seen with Node 20 as SIGABRT, and
 * as SIGSEGV where the trace it then prints goes wrong): an orderly end would look like a crash, without its exit status.
 */
import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD = [0, 1, 2];

/** Call once, at the start. Descriptors of a terminal that has gone are put on the null device at the very end. */
export function leaveWithoutTerminal(): void {
  const were = STANDARD.filter((fd) => isatty(fd));
  if (were.length === 0 || process.platform === 'win32') return;
  if (process.stdin.isTTY) bearSilence(process.stdin);
  process.on('exit', () => {
    for (const fd of were.filter((one) => !isatty(one))) {
      try {
        closeSync(fd);
        // The lowest number that is free: that which was closed.
        openSync('/dev/null', 'r+');
      } catch {
        // Nothing is left to tell it to.
      }
    }
  });
}

/**
 * The mode of a terminal that has gone cannot be set back, and need not be. Node's readline tries as it closes, and nobody
 * hears the error it then emits but the end of the program.
 */
function bearSilence(stdin: NodeJS.ReadStream): void {
  const set = stdin.setRawMode.bind(stdin);
  stdin.setRawMode = (mode) => (isatty(0) ? set(mode) : stdin);
}
