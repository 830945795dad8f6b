/** A dump in plain SQL: what can be seen of it without running it. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { lexName } from './plain-names.ts';

export interface PlainDump {
  /** Its last line is there: it was not cut off. */
  complete: boolean;
  serverVersion: string | null;
  dumpVersion: string | null;
  /** Only where it names one (`pg_dump --create`, pg_dumpall); more than one: of a whole cluster. */
  databases: string[];
  /** `schema.table` of every COPY or INSERT. */
  data: Set<string>;
}

/** Rows of a COPY are passed over: a value in them may look like anything. Reads the whole file, line by line. */
export async function readPlain(path: string): Promise<PlainDump> {
  const dump: PlainDump = {
    complete: false,
    serverVersion: null,
    dumpVersion: null,
    databases: [],
    data: new Set(),
  };
  let copying = false;
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  for await (const line of lines) {
    if (copying) copying = line !== '\\.';
    else copying = take(dump, line);
  }
  // Cut off within the rows of a table.
  if (copying) dump.complete = false;
  return dump;
}

/** @returns whether the rows of a COPY follow */
function take(dump: PlainDump, line: string): boolean {
  if (/^-- PostgreSQL database (cluster )?dump complete/.test(line)) dump.complete = true;
  dump.serverVersion ??= /^-- Dumped from database version (\S+)/.exec(line)?.[1] ?? null;
  dump.dumpVersion ??= /^-- Dumped by pg_dump version (\S+)/.exec(line)?.[1] ?? null;
  const connect = /^\\connect (?:-reuse-previous=on )?(\S+)/.exec(line)?.[1];
  if (connect !== undefined) dump.databases.push(connect.replaceAll(/^"|"$/g, ''));
  const copy = /^COPY (.+) FROM stdin;$/.exec(line)?.[1];
  const insert = /^INSERT INTO (.+)$/.exec(line)?.[1];
  const name = lexName(copy ?? insert ?? '');
  if (name !== null) dump.data.add(name);
  return copy !== undefined;
}
