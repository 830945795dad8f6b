/** The ends that a surface of lines talks through; given by the caller, never the process's own by name. */
export interface LineStreams {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
}

/**
 * Throws away what was typed before a question stood on the screen: an Enter meant for the last question must not
 * answer this one. Resolves when a look at the terminal has brought nothing more; a Ctrl-C among it is told.
 */
export async function dropTypeAhead({ input }: LineStreams): Promise<{ interrupted: boolean }> {
  if (!input.isTTY) return { interrupted: false };
  let heard = true;
  let interrupted = false;
  const listen = (chunk: Buffer | string): void => {
    heard = true;
    // In raw mode Ctrl-C is a character, no signal.
    interrupted ||= chunk.toString().includes('\x03');
  };
  // Only in raw mode does a terminal hand over what was typed without an Enter.
  input.setRawMode(true);
  input.on('data', listen);
  input.resume();
  while (heard) {
    heard = false;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  input.off('data', listen);
  input.pause();
  input.setRawMode(false);
  return { interrupted };
}
