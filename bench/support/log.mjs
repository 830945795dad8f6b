// What the server says that each statement took: the lines that log_min_duration_statement writes.
import { readFileSync, statSync } from 'node:fs';

/** Settings under which the log can be read by `statementsSince`. */
export const LOGGED = { log_min_duration_statement: '0', log_line_prefix: '@@%a@@' };

/** Its size now, in bytes. @param {string} file */
export const endOf = (file) => statSync(file).size;

/** @param {string} sql */
export const oneLine = (sql) =>
  sql
    .replaceAll(/\s+/g, ' ')
    .replace(/ ?; ?$/, '')
    .trim();

/**
 * What an application has run since then, in order; times in seconds. In the extended protocol the server times
 * parse, bind and execute apart: each is an entry of its own.
 * @param {string} file
 * @param {number} from the log's size then, in bytes
 * @param {string} application how its application_name begins
 */
export function statementsSince(file, from, application) {
  const entries = readFileSync(file).subarray(from).toString('utf8').split(/^@@/m);
  return entries.flatMap((entry) => {
    const match = /^(.*?)@@LOG: {2}duration: ([\d.]+) ms {2}(\w+)[^:]*: ([^]*)$/.exec(entry);
    if (!match?.[1].startsWith(application)) return [];
    return [{ sql: oneLine(match[4]), phase: match[3], seconds: Number(match[2]) / 1000 }];
  });
}

/**
 * Those among them that took longer than `seconds` in all, longest first.
 * @param {ReturnType<typeof statementsSince>} statements
 * @param {number} seconds
 */
export function slowest(statements, seconds) {
  const sums = new Map();
  for (const one of statements) {
    const known = sums.get(one.sql) ?? { sql: one.sql, times: 0, seconds: 0 };
    known.seconds += one.seconds;
    if (one.phase === 'execute' || one.phase === 'statement') known.times += 1;
    sums.set(one.sql, known);
  }
  return [...sums.values()].filter((sum) => sum.seconds > seconds).sort((a, b) => b.seconds - a.seconds);
}

/**
 * Seconds that the server spent on the steps' own statements, BEGIN and COMMIT among them: what nobody can spare.
 * @param {ReturnType<typeof statementsSince>} statements
 * @param {ReadonlySet<string>} own the steps' statements, on one line each
 */
export function spentOn(statements, own) {
  let inside = false;
  let total = 0;
  for (const { sql, phase, seconds } of statements) {
    if (sql === 'BEGIN') inside = true;
    if (inside && (own.has(sql) || sql === 'BEGIN' || sql === 'COMMIT')) total += seconds;
    // In the extended protocol COMMIT is parsed and bound before it is executed.
    if (sql === 'COMMIT' && (phase === 'execute' || phase === 'statement')) inside = false;
  }
  return total;
}

/**
 * Seconds that it spent inside of the steps' transactions on what backout keeps: the archive, and the journal's rows.
 * @param {ReturnType<typeof statementsSince>} statements
 */
export function spentKeeping(statements) {
  let inside = false;
  let total = 0;
  for (const { sql, phase, seconds } of statements) {
    if (sql === 'BEGIN') inside = true;
    if (inside && KEEPING.test(sql)) total += seconds;
    if (sql === 'COMMIT' && (phase === 'execute' || phase === 'statement')) inside = false;
  }
  return total;
}

/** Moves into the archive, copies into it, and rows of the journal; the making of the schemas comes before any step. */
const KEEPING =
  /^(INSERT INTO backout\.(step|archived) |CREATE TABLE "backout_archive"\.|ALTER TABLE "?[^ ]+ (RENAME TO "r2|SET SCHEMA "backout_archive")|ALTER INDEX [^ ]+ RENAME TO "r2)/;
