/** `backout runs` for people. Pure. */
import type { RunSummary } from '../journal/runs.ts';
import { counted } from '../journal/words.ts';
import { bytes } from '../postgres/activity.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Block } from '../wizard/types.ts';
import type { DatabaseRun, LeftOver } from './database-runs.ts';
import { moment } from './find-run.ts';

const heading = (text: string): Block => ({ kind: 'heading', text });
const text = (words: string): Block => ({ kind: 'text', spans: [{ text: words, tone: 'plain' }] });
const table = (columns: string[], rows: string[][]): Block => ({
  kind: 'table',
  columns,
  rows,
  align: columns.map(() => 'left'),
});

/** The runs of this machine, each by its own journal. */
export function localBlocks(runs: readonly RunSummary[], folder: string): Block[] {
  if (runs.length === 0) return [text(`There are no runs in ${folder}.`)];
  const rows = runs.map((run) => [
    run.run,
    run.kind,
    run.startedAt === null ? '-' : moment(run.startedAt),
    run.environment ?? '-',
    run.database ?? '-',
    run.unreadable === null ? (run.outcome ?? 'never ended') : `unreadable: ${toLine(run.unreadable, 60)}`,
    String(run.openItems.length),
  ]);
  return [
    table(['run', 'kind', 'started', 'where', 'database', 'outcome', 'open items'], rows),
    ...runs.flatMap(openItems),
  ];
}

/** By name: a number alone says nothing to whoever is to do them. */
function openItems({ run, openItems: items }: RunSummary): Block[] {
  if (items.length === 0) return [];
  return [
    heading(`Left open by run ${run}`),
    ...items.map((item): Block => ({ kind: 'item', mark: 'waiting', text: toLine(item) })),
  ];
}

function archiveWords({ archive: { objects, rows, bytes: size } }: DatabaseRun): string {
  if (objects === 0) return 'nothing kept';
  return `${counted(objects, 'object')}, ${counted(rows, 'row')}, ${bytes(size)}`;
}

function outcomeOf(run: DatabaseRun): string {
  if (run.live) return 'at work now';
  return run.endedAt === null
    ? `not ended${run.outcome === null ? '' : ` (${run.outcome})`}`
    : (run.outcome ?? '-');
}

function stepsOf(run: DatabaseRun): string {
  const undone = [...new Set(run.steps.flatMap(({ undoneBy }) => undoneBy ?? []))];
  const left = run.steps.filter(({ undoneBy }) => undoneBy === null).length;
  const what = run.undoes === null ? '' : `takes back ${run.undoes}; `;
  const by = undone.length === 0 ? '' : `; ${run.steps.length - left} undone by ${undone.join(', ')}`;
  return `${what}${counted(run.steps.length, 'step')} done${by}`;
}

/** The runs that a database knows of. */
export function databaseBlocks(runs: readonly DatabaseRun[], database: string): Block[] {
  const title = heading(`Runs that database ${toLine(database)} knows of`);
  if (runs.length === 0) return [title, text('There are none.')];
  const rows = runs.map((run) => [
    run.run,
    run.kind,
    `${run.operator} on ${run.host}`,
    moment(run.startedAt),
    outcomeOf(run),
    stepsOf(run),
    archiveWords(run),
  ]);
  const open = runs.filter(({ endedAt, live }) => endedAt === null && !live);
  return [
    title,
    table(['run', 'kind', 'owner', 'begun', 'outcome', 'steps', 'archive'], rows),
    ...open.map(({ run, unsettled }) =>
      text(
        unsettled
          ? `Run ${run} copied its tables for a quick rollback, and what that did is not written down: "backout resume ${run}" looks, and writes it down.`
          : `Run ${run} was broken off: "backout resume ${run}" goes on with it.`,
      ),
    ),
  ];
}

/** What killed work left on the server, and what becomes of it. */
export function leftOverBlocks(found: readonly LeftOver[]): Block[] {
  const next: Record<LeftOver['of'], string> = {
    rehearsal: 'the next rehearsal on this server drops it',
    'proof of a backup': 'the wizard offers to drop it where a backup is proved',
  };
  if (found.length === 0) return [];
  return [
    heading('Left behind on this server'),
    ...found.map(({ name, of }) =>
      text(`Database ${toLine(name)}, of a ${of} that was broken off: ${next[of]}.`),
    ),
  ];
}
