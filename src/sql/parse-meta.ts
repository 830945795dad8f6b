/** psql's backslash commands, which are not SQL and stand between statements. */
import { withCopiesInserted } from './copy/inline.ts';
import { carry, type Carried, type Quote } from './psql/quotes.ts';

export interface MetaCommand {
  /** 1-based line within the text. */
  line: number;
  /** The command as written, from its backslash. */
  text: string;
  /** SQL stands before it on its line. */
  behind?: true;
}

/** Several on a line: a backslash ends the one before, and two of them only do that (manual, app-psql). */
const commandsIn = (text: string): string[] =>
  text
    .split(/\s+(?=\\[^\s\\])|\\\\/)
    .map((one) => one.trim())
    .filter((one) => one.startsWith('\\'));

/**
 * Takes psql's meta-commands (from a backslash outside quotes and comments to the end of its line) out of a text, and
 * makes rows below a COPY … FROM stdin an INSERT. The lines stay, so that line numbers remain true.
 */
export function splitMetaCommands(text: string): { sql: string; meta: MetaCommand[] } {
  const meta: MetaCommand[] = [];
  let quote: Quote | null = null;
  const lines = withCopiesInserted(text)
    .split('\n')
    .map((line, at) => {
      const { quote: left, command }: Carried = carry(line, quote);
      quote = left;
      if (command === null) return line;
      const before = line.slice(0, command);
      const behind = before.trim() === '' ? {} : { behind: true as const };
      for (const one of commandsIn(line.slice(command))) meta.push({ line: at + 1, text: one, ...behind });
      return before.trim() === '' ? '' : before.trimEnd();
    });
  return { sql: lines.join('\n'), meta };
}
