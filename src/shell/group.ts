/** Ending a child with all that it started. */

/** For a child that leads a process group of its own: SIGTERM to the whole group; SIGKILL when called again. */
export function groupEnder(pid: number | undefined): () => void {
  let asked = 0;
  return () => {
    asked += 1;
    if (pid === undefined) return;
    try {
      process.kill(-pid, asked === 1 ? 'SIGTERM' : 'SIGKILL');
    } catch (error) {
      // ESRCH: it has ended by itself in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
}
