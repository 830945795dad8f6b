/** What stands on an emulated terminal, and what was ever sent to it. */
import { Terminal } from '@xterm/headless';

export interface Emulator {
  terminal: Terminal;
  /** Feeds bytes; resolves when they are on the screen. */
  feed(data: string): Promise<void>;
  /** The rows now seen, without trailing spaces. */
  lines(): string[];
  /** The rows, joined by newlines, without empty rows at the end. */
  text(): string;
  /** Everything that was ever sent. */
  raw(): string;
  resize(columns: number, rows: number): void;
}

export function createEmulator(columns = 80, rows = 24): Emulator {
  const terminal = new Terminal({
    cols: columns,
    rows,
    scrollback: 5000,
    allowProposedApi: true,
    convertEol: true,
  });
  let raw = '';
  const lines = (): string[] => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) => {
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? '';
    });
  };
  return {
    terminal,
    feed(data) {
      raw += data;
      return new Promise((resolve) => terminal.write(data, resolve));
    },
    lines,
    text: () => lines().join('\n').trimEnd(),
    raw: () => raw,
    resize: (width, height) => terminal.resize(width, height),
  };
}

/** What is wrong with a terminal after the program has ended: empty when it was given back as it was found. */
export function leftovers({ terminal, raw }: Emulator): string[] {
  const sent = raw();
  const shown = sent.lastIndexOf('\x1b[?25h');
  const hidden = sent.lastIndexOf('\x1b[?25l');
  return [
    ...(sent.includes('\x1b[3J') ? ['the scrollback was wiped (CSI 3J)'] : []),
    ...(terminal.buffer.active.type === 'alternate' ? ['the alternate screen is still on'] : []),
    ...(hidden > shown ? ['the cursor is hidden'] : []),
    ...(terminal.modes.bracketedPasteMode ? ['bracketed paste is still on'] : []),
    ...(terminal.modes.mouseTrackingMode === 'none' ? [] : ['the mouse is still tracked']),
    ...(terminal.modes.applicationCursorKeysMode ? ['the cursor keys are in application mode'] : []),
  ];
}
