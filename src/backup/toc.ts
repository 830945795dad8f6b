/** What `pg_restore --list` says of an archive. Pure. */

export interface TableOfContents {
  /** As written: the clock of the machine that made it, without a zone one could rely on. */
  createdAt: Date | null;
  database: string | null;
  format: string | null;
  serverVersion: string | null;
  dumpVersion: string | null;
  /** Descriptions of the entries that hold a table's rows: `schema table owner`, blanks between. */
  data: string[];
  /** Of the entries that make a table. */
  definitions: string[];
}

/** `; Key: value` of the header; `;     dbname: orders`. */
function headers(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    if (!line.startsWith(';')) break;
    const [, key, value] = /^;\s+([A-Za-z][\w ]*?):\s(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found.set(key, value.trim());
  }
  return found;
}

/** `3360; 0 16402 TABLE DATA public orders app` */
function described(lines: readonly string[], kind: string): string[] {
  const entry = new RegExp(`^\\d+; \\d+ \\d+ ${kind} (.*)$`);
  return lines.flatMap((line) => entry.exec(line)?.[1] ?? []);
}

/**
 * The moment in the header. The archive holds the fields of a local clock and no zone; pg_restore prints them with the
 * zone of the machine it runs on, so here they are read as local time too (pg_backup_archiver.c, ReadHead).
 */
function createdIn(lines: readonly string[]): Date | null {
  const line = lines.find((one) => one.startsWith('; Archive created at '));
  const parts = /(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/.exec(line ?? '');
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return new Date(year, month - 1, day, hour, minute, second);
}

/** Reads the whole list; what is not there is null. */
export function tableOfContents(lines: readonly string[]): TableOfContents {
  const known = headers(lines);
  const version = (key: string): string | null => known.get(key)?.split(' ')[0] ?? null;
  return {
    createdAt: createdIn(lines),
    database: known.get('dbname') ?? null,
    format: known.get('Format') ?? null,
    serverVersion: version('Dumped from database version'),
    dumpVersion: version('Dumped by pg_dump version'),
    data: described(lines, 'TABLE DATA'),
    definitions: described(lines, 'TABLE'),
  };
}

/** The list writes names without quotes, line breaks as blanks: looked up from the name that is known. */
export const lists = (entries: readonly string[], schema: string, table: string): boolean => {
  const wanted = `${schema} ${table} `.replaceAll(/[\n\r]/g, ' ');
  return entries.some((entry) => entry.startsWith(wanted));
};
