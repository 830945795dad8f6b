/** What a runbook has and lacks as a document. */
import { isStepSql } from '../../sql/step-sql.ts';
import { MARK_WORDS } from '../headings.ts';
import { forwardBlocks, forwardFaults } from '../forward.ts';
import type { Runbook } from '../types.ts';
import type { Finding, Recognised } from './types.ts';

/** The parts that were found, with their number and the line of the first. */
export function recognisedParts(runbook: Runbook): Recognised[] {
  const lists: [string, readonly { line: number }[]][] = [
    ['quick rollback', runbook.quick ? [runbook.quick] : []],
    ['what the rollback does', runbook.overview],
    ['prerequisites', runbook.prerequisites ? [runbook.prerequisites] : []],
    ['state checks', runbook.stateChecks],
    ['steps', runbook.steps],
    ['forward mappings', forwardBlocks(runbook).map(({ block }) => block)],
    ['verification', runbook.expectations],
    ['troubleshooting', runbook.troubleshooting],
    ['rollback or fix forward', runbook.criteria],
    ['criteria with evidence', runbook.criteria.filter(({ query }) => query !== undefined)],
    ['forward fixes', [...runbook.fixes.migrated, ...runbook.fixes.defects]],
    ['escalation', runbook.escalation ? [runbook.escalation] : []],
    ['checklist', runbook.checklist],
    ['related documents', runbook.related ? [runbook.related] : []],
    ['differences', runbook.differences ? [runbook.differences] : []],
  ];
  // A migration tool's file is its statements: of a document's other parts nobody expects any.
  const parts = runbook.bookkeeping === undefined ? lists : lists.filter(([part]) => part === 'steps');
  return parts.map(([part, items]) => ({ part, count: items.length, line: items[0]?.line ?? 0 }));
}

/** Parts without which an operator is left alone at some point, and what is missing then. */
const WANTED: Readonly<Record<string, string>> = {
  prerequisites: 'nothing says what must be true before the first step',
  verification: 'nothing says how to tell that the rollback worked',
  'rollback or fix forward': 'nothing says when not to roll back',
  troubleshooting: 'nothing says what to do when a step fails',
  escalation: 'nothing says whom to call',
  checklist: 'nothing says what remains to be done afterwards',
};

function missing(runbook: Runbook): Finding[] {
  // A migration tool's file has no sections; its verification is what its statements do.
  if (runbook.bookkeeping !== undefined) return [];
  return recognisedParts(runbook)
    .filter(({ part, count }) => count === 0 && WANTED[part] !== undefined)
    .map(({ part }) => ({
      line: 0,
      severity: 'warning',
      rule: 'section-missing',
      message: `There is no section on ${part}: ${WANTED[part] ?? ''}.`,
    }));
}

function steps(runbook: Runbook): Finding[] {
  if (runbook.steps.length === 0) {
    const message = 'There are no steps: no heading such as "Step 1: Restore orders" was found.';
    return [{ line: 0, severity: 'error', rule: 'no-steps', message }];
  }
  return runbook.steps.flatMap((step, at): Finding[] => {
    const found: Finding[] = [];
    if (!step.blocks.some(isStepSql)) {
      const message = `Step ${step.number} ("${step.title}") has no sql block.`;
      found.push({ line: step.line, severity: 'error', rule: 'step-without-sql', message });
    }
    if (step.inferred) {
      const message = `"${step.title}" does not call itself a step, and is read as Step ${at + 1} by its number or its place.`;
      found.push({ line: step.line, severity: 'note', rule: 'read-as-step', message });
    } else if (step.number !== at + 1) {
      const message = `This step is the number ${at + 1} of the document and calls itself ${step.number}.`;
      found.push({ line: step.line, severity: 'warning', rule: 'step-number', message });
    }
    return found;
  });
}

function asked(runbook: Runbook): Finding[] {
  const checks = runbook.stateChecks
    .filter(({ expect }) => expect === '')
    .map((check): Finding => ({
      line: check.line,
      severity: 'warning',
      rule: 'check-without-expect',
      message: `The check "${check.title}" does not say what it expects (expect="…"), so that only an empty value passes.`,
    }));
  const shown = runbook.expectations
    .filter((wanted) => wanted.kind === 'query' && wanted.expect === undefined)
    .map((wanted): Finding => ({
      line: wanted.line,
      severity: 'note',
      rule: 'query-without-expect',
      message: 'This verification query is only shown: nothing says what it should return (expect="…").',
    }));
  return [...checks, ...shown];
}

/** A mapping that cannot be used would only be missed in an undo, when rows have to go forward by it. */
function forward(runbook: Runbook): Finding[] {
  return forwardFaults(runbook).map(({ line, message }) => ({
    line,
    severity: 'error',
    rule: 'forward-mapping',
    message,
  }));
}

/** A repair that nothing asks for is never offered. */
function fixes({ fixes: { defects, stray } }: Runbook): Finding[] {
  const unnamed = defects
    .filter(({ title }) => title === '')
    .map(({ line }): Finding => ({
      line,
      severity: 'error',
      rule: 'defect-without-title',
      message: 'A defect needs a title: sql defect="What is wrong".',
    }));
  const alone = stray.map(({ line, title }): Finding => ({
    line,
    severity: 'error',
    rule: 'repair-without-defect',
    message: `The repair "${title}" has no defect above it (sql defect="…") and names none (finds="…"), so that it is never offered.`,
  }));
  return [...unnamed, ...alone];
}

function marks({ strayMarks = [] }: Runbook): Finding[] {
  return strayMarks.map(({ text, line }) => ({
    line,
    severity: 'error',
    rule: 'marker',
    message: `${text} says nothing to backout. The words are: ${MARK_WORDS.join(', ')}.`,
  }));
}

/** "Check row counts match": with what? */
function counts(runbook: Runbook): Finding[] {
  const promise = runbook.expectations.find(
    (wanted) => wanted.kind === 'query' && /\bcounts?\b.*\bmatch|\bmatch.*\bcounts?\b/i.test(wanted.title),
  );
  const baseline = runbook.prerequisites?.blocks.some(({ text }) => /\bcount\s*\(/i.test(text)) ?? false;
  if (!promise || baseline) return [];
  const message =
    'Row counts are to match, but the prerequisites take none to compare with. (backout takes its own before the first step.)';
  return [{ line: promise.line, severity: 'warning', rule: 'counts-without-baseline', message }];
}

/** Everything that can be said without reading SQL. */
export function sectionFindings(runbook: Runbook): Finding[] {
  const unknown = runbook.unrecognised.map((section): Finding => {
    const hasSql = section.blocks.some(isStepSql);
    const also = hasSql
      ? ' Its SQL is not run: <!-- backout: step --> below the heading makes it a step.'
      : '';
    const message = `The section "${section.title}" was not recognised, and is shown nowhere.${also}`;
    return {
      line: section.line,
      severity: hasSql ? 'warning' : 'note',
      rule: 'section-not-recognised',
      message,
    };
  });
  const version: Finding[] = runbook.migration
    ? []
    : [
        {
          line: 0,
          severity: 'warning',
          rule: 'no-migration',
          message:
            'No migration is named (such as 20250101000014_align_tables), so its version row cannot be checked.',
        },
      ];
  return [
    ...steps(runbook),
    ...missing(runbook),
    ...version,
    ...asked(runbook),
    ...counts(runbook),
    ...forward(runbook),
    ...fixes(runbook),
    ...marks(runbook),
    ...unknown,
  ];
}
