/** What the prose promises and the SQL does not do, where that can be told. */
import type { Plan } from '../../sql/types.ts';
import type { Runbook, Said } from '../types.ts';
import type { Finding } from './types.ts';

/** "Merges data from x and y", "Copies x into y". */
const TAKES =
  /\b(merg|combin|cop(y|ies|ied)|migrat|mov(e|es|ed|ing)|transfer|preserv|restor)\w*\b[^.]*\b(data|rows?|records?|values?)\b|\b(data|rows?|records?|values?)\b[^.]*\b(merg|combin|copied|migrated|moved|transferred|preserved)/i;
const ALL =
  /\b(revers|undo|restor|bring)\w*\b[^.]{0,20}\b(all|every|everything)\b|\bno data (is|will be) lost\b|\bwithout (any )?(data loss|losing)\b|\bdata (should|will) be (back|there)\b/i;

interface Tables {
  dropped: Set<string>;
  /** Read by a statement that writes elsewhere, or renamed into something that stays. */
  taken: Set<string>;
}

function tablesOf(plan: Plan): Tables {
  const effects = plan.steps.flatMap(({ statements }) =>
    statements.flatMap((statement) => statement.effects),
  );
  const dropped = effects.flatMap((effect) => (effect.kind === 'drop-table' ? [effect.table] : []));
  const taken = effects.flatMap((effect) => {
    if (effect.kind === 'insert' || effect.kind === 'update') return effect.reads;
    return effect.kind === 'rename-table' ? [effect.from] : [];
  });
  // CREATE TABLE AS and its like read too, and are told by their text alone.
  return { dropped: new Set(dropped), taken: new Set(taken) };
}

const names = (text: string, word: string): boolean =>
  new RegExp(`(?<![\\w$])${word.replace(/[^\w]/g, '\\$&')}(?![\\w$])`).test(text);

/** Words with a line: the overview, the quick rollback, troubleshooting and the steps. */
function wordsIn(runbook: Runbook): Said[] {
  const sections = [runbook.quick, ...runbook.overview];
  const comments = runbook.troubleshooting
    .flatMap(({ blocks }) => blocks)
    .flatMap(({ text, line }) =>
      text
        .split('\n')
        .flatMap((one, at) => (/^\s*(#|--)/.test(one) ? [{ text: one.trim(), line: line + at }] : [])),
    );
  return [
    ...sections.flatMap((section) => section?.said ?? []),
    ...runbook.steps.flatMap(({ said }) => said ?? []),
    ...comments,
  ];
}

/** @param unread what goes without having been read, as other rules found it: `Table x`, `Column x.y` */
export function promiseFindings(runbook: Runbook, plan: Plan, unread: readonly string[]): Finding[] {
  const { dropped, taken } = tablesOf(plan);
  const lost = [...dropped].filter((table) => !taken.has(table));
  const warn = ({ text, line }: Said, message: string): Finding => ({
    line,
    severity: 'warning',
    rule: 'promise-not-kept',
    message: `"${text.length > 90 ? `${text.slice(0, 87)}…` : text}": ${message}`,
  });
  return wordsIn(runbook).flatMap((said): Finding[] => {
    const broken = TAKES.test(said.text) ? lost.filter((table) => names(said.text, table)) : [];
    const tables = broken.map((table) =>
      warn(said, `no statement reads ${table}, and it is dropped. What is only there is gone.`),
    );
    const [first] = unread;
    if (!ALL.test(said.text) || first === undefined) return tables;
    const more = unread.length > 1 ? ` and ${unread.length - 1} more` : '';
    return [...tables, warn(said, `${first}${more} are dropped and no statement reads them first.`)];
  });
}
