/** Repairs as a runbook: a document that can be read, reviewed, linted and carried out like any other. Pure. */
import type { Repair } from './types.ts';
import { isOpen, withValue } from './value.ts';

/** A fence longer than any run of backquotes in the text. */
function fenced(sql: string): string {
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${sql.trim()}\n${fence}`;
}

/** Prose must not become structure: one line, without what Markdown reads at the beginning of one. */
const prose = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/([\\`*_[\]<>#|~])/g, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^([-+=])/, '\\$1');

function step({ title, found, careful, sql }: Repair, at: number): string[] {
  return [`## Step ${at + 1}: ${prose(title)}`, prose(found), ...careful.map(prose), fenced(sql)];
}

const quoted = (text: string): string => `"${text.replace(/\s+/g, ' ').replaceAll('"', "'")}"`;

function verification(repairs: readonly Repair[]): string[] {
  const checks = repairs.flatMap((repair) => repair.checks);
  if (checks.length === 0) return [];
  return [
    '## Verification',
    ...checks.flatMap(({ title, sql, expect }) => [
      fenced(sql).replace('sql\n', `sql title=${quoted(title)} expect=${quoted(expect)}\n`),
    ]),
  ];
}

/**
 * The document, ending in a newline. `repairs` is not empty.
 * @throws {Error} when a value that one of them asks for was not given
 */
export function repairMarkdown(title: string, chosen: readonly Repair[]): string {
  const open = chosen.find(isOpen);
  if (open) throw new Error(`no value was given for ${open.id}`);
  const repairs = chosen.map(withValue);
  const parts = [`# ${prose(title)}`, ...repairs.flatMap(step), ...verification(repairs)];
  return `${parts.join('\n\n')}\n`;
}
