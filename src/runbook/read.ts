/** From a Markdown file to a Runbook. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { isStepCommand } from '../sql/step-commands.ts';
import { isStepSql } from '../sql/step-sql.ts';
import { checklistOf } from './checklist.ts';
import { criteriaOf } from './criteria.ts';
import { expectationsOf } from './expectations.ts';
import { fixesOf } from './fixes.ts';
import { MARK_WORDS, markOf, stepHeading, type Part } from './headings.ts';
import { asSection, marksIn, sectionsOf, type Heading } from './markdown.ts';
import { slug, withDistinctIds } from './slug.ts';
import { partsOf } from './structure.ts';
import { troubleshootingOf } from './troubleshooting.ts';
import { fillIn } from './values/fill.ts';
import type { Values } from './values/types.ts';
import type { Runbook, RunbookStep, Section, StateCheck } from './types.ts';

/** Commands between the statements of a step: the operator does them, and is asked whether they are done. */
function commandWords({ blocks }: Section): string[] {
  const commands = blocks.filter(isStepCommand);
  return commands.map(({ text, line }) => `Yours to run, and asked for (line ${line}):\n${text.trim()}`);
}

function stepOf(heading: Heading, at: number, isInferred: boolean): RunbookStep {
  const section = asSection(heading);
  const named = stepHeading(heading.title);
  return {
    id: `step-${at + 1}`,
    number: named?.number ?? at + 1,
    title: named?.title ?? heading.title,
    words: [section.text, ...commandWords(section)].filter((words) => words !== '').join('\n\n'),
    line: heading.line,
    blocks: section.blocks,
    ...(section.said ? { said: section.said } : {}),
    ...(isInferred ? { inferred: true } : {}),
  };
}

/** The version and name of the migration, from the first words of the text that give both, or the version alone. */
function migrationOf(text: string, path: string): Runbook['migration'] {
  const named = /(?<![\w.])(\d{10,17})_([A-Za-z]\w*)/;
  const match =
    /\bmigration\b[^\n]{0,40}?(?<![\w.])(\d{10,17})_([A-Za-z]\w*)/i.exec(text) ?? named.exec(text);
  if (match?.[1] && match[2]) return { version: match[1], name: match[2] };
  const alone = /\bmigration\b\W{1,10}(\d{8,17})\b/i.exec(text) ?? /^(\d{10,17})\b/.exec(basename(path));
  return alone?.[1] ? { version: alone[1], name: '' } : null;
}

function stateChecksOf(section: Section | null): StateCheck[] {
  const checks = (section?.blocks ?? []).filter(({ info }) => info.check !== undefined);
  return withDistinctIds(
    checks.map(({ info, text, lead, line }) => ({
      id: slug(info.check ?? ''),
      title: info.check ?? '',
      sql: text.trim().replace(/;\s*$/, ''),
      expect: info.expect ?? '',
      words: lead,
      line,
    })),
  );
}

/** Several sections of one kind read as one, under the first one's title. */
function joined(headings: readonly Heading[] | undefined): Section | null {
  const sections = (headings ?? []).map(asSection);
  const [first] = sections;
  if (!first) return null;
  return {
    ...first,
    text: sections.map(({ text }) => text).join('\n\n'),
    blocks: sections.flatMap(({ blocks }) => blocks),
  };
}

/** What is known of the values that a document leaves open. */
export interface Known {
  values: Values;
  /** In the place of what is not known, as a name: for a look at the document that runs nothing. */
  instead?: (name: string) => string;
}

/** Anything that might be left open; most documents have nothing of the kind. */
const MAY_LEAVE_OPEN = /(?<!:):['"]?[A-Za-z_]|<[A-Za-z]|\{\{|\$\{?[A-Za-z_]|\/to\/|\/your\/|YOUR_/;

/**
 * Reads the text of a runbook. Pure.
 *
 * @param path is kept in the result and used for a title and a version where the text has none
 * @param known absent: what it leaves open stays as it stands
 */
export function parseRunbook(text: string, path: string, known?: Known): Runbook {
  const clean = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const sha256 = createHash('sha256').update(text, 'utf8').digest('hex');
  const draft = readText(clean, path, sha256);
  if (!known || !MAY_LEAVE_OPEN.test(clean)) return draft;
  const { given, missing, names, own, text: filled } = fillIn(clean, draft, known.values, known.instead);
  if (names.length === 0 && own.size === 0) return draft;
  const read = filled === clean ? draft : readText(filled, path, sha256);
  const { title, migration } = draft;
  return { ...read, title, migration, values: { given, missing, names, own: [...own] } };
}

function readText(clean: string, path: string, sha256: string): Runbook {
  const top = sectionsOf(clean);
  const parts = partsOf(top);
  const of = (part: Part): Heading[] => parts.found.get(part) ?? [];
  const prerequisites = joined(of('prerequisites'));
  return {
    path,
    sha256,
    title: top.children.find(({ depth }) => depth === 1)?.title ?? basename(path).replace(/\.\w+$/, ''),
    migration: migrationOf(clean, path),
    quick: joined(of('quick')),
    overview: of('overview').flatMap(({ children }) => children.map(asSection)),
    prerequisites,
    stateChecks: stateChecksOf(prerequisites),
    steps: of('step').map((heading, at) => stepOf(heading, at, parts.inferred.has(heading))),
    expectations: of('verification').flatMap(expectationsOf),
    // A heading that says "Fix forward" alone may hold the criteria for it.
    criteria: withDistinctIds([...of('criteria'), ...of('fixes')].flatMap(criteriaOf)),
    fixes: fixesOf(of('fixes')),
    troubleshooting: withDistinctIds(of('troubleshooting').flatMap(troubleshootingOf)),
    escalation: joined(of('escalation')),
    checklist: withDistinctIds(of('checklist').flatMap(checklistOf)),
    related: joined(of('related')),
    differences: joined(of('differences')),
    unrecognised: parts.unrecognised.map(asSection),
    strayMarks: marksIn(clean).filter(({ text: mark }) => !MARK_WORDS.includes(markOf(mark) ?? '')),
  };
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw badRunbook(`${path} is not UTF-8 text.`, 'Name a Markdown file.', error);
  }
}

function badRunbook(message: string, advice: string, cause?: unknown): UserError {
  return new UserError(message, advice, EXIT.badRunbook, { cause });
}

/**
 * Reads a file as a runbook, whatever it lacks.
 *
 * @throws {UserError} exit 65: the file cannot be read, or is no text
 */
export async function readDraft(path: string, known?: Known): Promise<Runbook> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const what = code === 'ENOENT' ? 'There is no such file' : `It cannot be read (${code})`;
    throw badRunbook(`${what}: ${path}`, 'Name the Markdown file that holds the runbook.', error);
  });
  return parseRunbook(decoded(bytes, path), path, known);
}

/**
 * Reads a runbook from a file.
 *
 * @throws {UserError} exit 65: the file cannot be read, is no text, or has no step with SQL; the message says which
 */
export async function readRunbook(path: string, known?: Known): Promise<Runbook> {
  const runbook = await readDraft(path, known);
  if (runbook.steps.length === 0) {
    throw badRunbook(
      `${path} has no steps.`,
      'A step is a section with a heading such as "Step 1: Restore orders" and its SQL in a fenced sql block.',
    );
  }
  const empty = runbook.steps.find(({ blocks }) => !blocks.some(isStepSql));
  if (empty) {
    throw badRunbook(
      `${path}, line ${empty.line}: "${empty.title}" has no SQL.`,
      'Put the SQL of the step in a fenced code block that begins with ```sql.',
    );
  }
  return runbook;
}
