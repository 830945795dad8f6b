/**
 * The terminal as the UI needs it: the alternate screen, its true size, and a way back to how it was, by which
 * every end of the program leaves. Ink draws through `stdout`, a stand-in that claims to be very tall: Ink 6.8
 * wipes the operator's scrollback (CSI 3J) whenever it believes a frame to be as tall as the terminal.
 */
import { needsAscii, toAscii } from './ascii.ts';
import { writeNow } from './streams.ts';

const ENTER_ALTERNATE = '\x1b[?1049h\x1b[2J\x1b[H';
const LEAVE_ALTERNATE = '\x1b[?1049l';
const PASTE_ON = '\x1b[?2004h';
/** End of a synchronized update, colours off, bracketed paste off, cursor on. */
const CALM = '\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h';
const CLEAR = '\x1b[0m\x1b[2J\x1b[H';
const TALL = 100_000;
/** A window being dragged sends many sizes; this long after the last of them the screen is drawn whole, once. */
const SETTLE_MS = 120;

export interface Size {
  columns: number;
  rows: number;
}

export interface TerminalScreen {
  /** What to give to Ink. */
  stdout: NodeJS.WriteStream;
  size(): Size;
  /** Calls back after the size has changed; returns how to stop. */
  onResize(listener: (size: Size) => void): () => void;
  /** Takes the screen (again): alternate buffer, bracketed paste. */
  enter(): void;
  /** Gives it back as it was. Synchronous, and harmless when done twice. */
  leave(): void;
  /** Draws everything anew: after Ctrl-L, a suspension, or another program's output. */
  redraw(): void;
}

export interface ScreenOptions {
  stdout: NodeJS.WriteStream;
  env: Record<string, string | undefined>;
  /** False for screen readers: plain text that stays in the scrollback. */
  alternate: boolean;
}

/** A stand-in for `target` with other answers to some questions; everything else is the target's own. */
function standIn(target: NodeJS.WriteStream, answers: Record<string, () => unknown>): NodeJS.WriteStream {
  return new Proxy(target, {
    get(stream, property) {
      const answer = typeof property === 'string' ? answers[property] : undefined;
      if (answer !== undefined) return answer();
      const value: unknown = Reflect.get(stream, property, stream);
      return typeof value === 'function' ? value.bind(stream) : value;
    },
  });
}

/** The screen on `stdout`; nothing is written before `enter`. */
export function createScreen({ stdout, env, alternate }: ScreenOptions): TerminalScreen {
  let entered = false;
  let pretendNarrower = false;
  const ascii = needsAscii(env);
  // Terminals that report no size (a serial line) are taken for the classic one.
  const size = (): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const write = (text: unknown, ...rest: unknown[]): unknown => {
    // Given back (suspended, or on the way out): what is still to be drawn must not land in the shell's screen.
    if (!entered) {
      const done = rest.findLast((value) => typeof value === 'function');
      if (typeof done === 'function') process.nextTick(done);
      return true;
    }
    const drawn = ascii && typeof text === 'string' ? toAscii(text) : text;
    return Reflect.apply(stdout.write, stdout, [drawn, ...rest]);
  };
  const proxy = standIn(stdout, {
    rows: () => TALL,
    columns: () => size().columns - (pretendNarrower ? 1 : 0),
    write: () => write,
  });
  let redrawing = false;
  let settling: NodeJS.Timeout | undefined;
  // Before Ink's own listener: whatever the terminal made of the old frame is gone when Ink draws the new one.
  const clear = (): void => {
    if (entered && !redrawing) stdout.write(CLEAR);
  };
  // Ink leaves the screen empty after a change of size that changed nothing in the frame, as there and back again.
  const settle = (): void => {
    if (redrawing) return;
    clearTimeout(settling);
    settling = setTimeout(redraw, SETTLE_MS);
    settling.unref();
  };
  function redraw(): void {
    if (!entered) return;
    if (alternate) stdout.write(CLEAR);
    redrawing = true;
    // Ink skips a frame equal to the last one, unless the terminal has become narrower in between.
    pretendNarrower = true;
    stdout.emit('resize');
    pretendNarrower = false;
    stdout.emit('resize');
    redrawing = false;
  }

  return {
    stdout: proxy,
    size,
    onResize(listener) {
      const told = (): void => listener(size());
      stdout.on('resize', told);
      return () => stdout.off('resize', told);
    },
    enter() {
      if (entered) return;
      entered = true;
      stdout.write((alternate ? ENTER_ALTERNATE : '') + PASTE_ON);
      if (!alternate) return;
      stdout.prependListener('resize', clear);
      stdout.on('resize', settle);
    },
    leave() {
      if (!entered) return;
      entered = false;
      clearTimeout(settling);
      stdout.off('resize', clear);
      stdout.off('resize', settle);
      writeNow(stdout, CALM + (alternate ? LEAVE_ALTERNATE : ''));
    },
    redraw,
  };
}
