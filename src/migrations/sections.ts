/** Files in which comment lines say where the way up ends and the way down begins. */
import { NoDown, type Part } from './types.ts';

/** Everything from the line after each line that `begins` to the line before the next one that `ends`. */
export function sectionsOf(
  text: string,
  begins: (line: string) => boolean,
  ends: (line: string) => boolean,
): Part[] {
  const parts: { lines: string[]; line: number }[] = [];
  let open: { lines: string[]; line: number } | null = null;
  for (const [at, line] of text.split('\n').entries()) {
    if (begins(line)) {
      open = { lines: [], line: at + 2 };
      parts.push(open);
    } else if (ends(line)) open = null;
    else open?.lines.push(line);
  }
  return parts.map(({ lines, line }) => ({ sql: lines.join('\n'), line }));
}

/** Whether anything is left of the SQL without its comments. Cheap: nothing is parsed. */
export const saysSomething = (sql: string): boolean =>
  sql
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*--.*$/gm, '')
    .replace(/[\s;]/g, '') !== '';

export interface Marks {
  /** The line that begins it, as the tool's manual writes it. */
  down: string;
  begins(line: string): boolean;
  ends(line: string): boolean;
}

/** The way down of a file in sections. @throws {NoDown} when there is none, or nothing in it */
export function wayDown(
  { name, text }: { name: string; text: string },
  { down, begins, ends }: Marks,
): Part[] {
  const parts = sectionsOf(text, begins, ends);
  if (parts.length === 0)
    throw new NoDown(`${name} has no "${down}".`, 'Write the way down below that line.');
  if (!parts.some(({ sql }) => saysSomething(sql)))
    throw new NoDown(`Below "${down}", ${name} holds no statement.`, 'Write the way down there.');
  return parts;
}

/** A value as SQL: the manual's string constant, whatever `standard_conforming_strings` says. */
export function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
