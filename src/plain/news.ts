/** What is on the screen now that was not there before: how a surface of lines follows a screen. Pure. */
import type { Block, RoadStop, Screen } from '../wizard/types.ts';
import { blockLines, titleLines } from './lines.ts';

/** What is remembered of the screen shown last. */
export interface Shown {
  id: string;
  /** How many blocks of each text were on it. */
  blocks: ReadonlyMap<string, number>;
  /** Log lines are followed one by one. */
  log: readonly string[];
}

export const NOTHING_SHOWN: Shown = { id: '', blocks: new Map(), log: [] };

/** A block's text, without what is only about the cursor. */
function keyOf(block: Block): string {
  if (block.kind === 'item') return JSON.stringify({ ...block, focused: undefined });
  return JSON.stringify(block);
}

function count(blocks: readonly Block[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const block of blocks) counts.set(keyOf(block), (counts.get(keyOf(block)) ?? 0) + 1);
  return counts;
}

const logOf = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) => (block.kind === 'log' ? block.lines : []));

/**
 * The lines of a log that is shown as its last lines only: those after the longest end of `before` that `now`
 * begins with or holds.
 */
export function newLogLines(before: readonly string[], now: readonly string[]): string[] {
  for (let overlap = Math.min(before.length, now.length); overlap > 0; overlap -= 1) {
    const tail = before.slice(before.length - overlap);
    if (tail.every((line, index) => line === now[index])) return now.slice(overlap);
  }
  return [...now];
}

function isNew(block: Block, before: Map<string, number>): boolean {
  const left = before.get(keyOf(block)) ?? 0;
  if (left > 0) before.set(keyOf(block), left - 1);
  return left === 0;
}

/** A heading belongs to what follows it: it is said again only with something new under it. */
function freshBlocks(screen: Screen, before: ReadonlyMap<string, number>): Block[] {
  const left = new Map(before);
  const fresh: Block[] = [];
  let heading: Block | null = null;
  for (const block of screen.blocks) {
    const unseen = isNew(block, left);
    if (block.kind === 'heading') {
      heading = unseen ? null : block;
      if (unseen) fresh.push(block);
    } else if (block.kind === 'gap') {
      if (fresh.length > 0 && fresh.at(-1)?.kind !== 'gap') fresh.push(block);
    } else if (unseen && block.kind !== 'log') {
      if (heading && heading.kind === 'heading' && block.kind === 'table') fresh.push(heading);
      heading = null;
      fresh.push(block);
    }
  }
  while (fresh.at(-1)?.kind === 'gap') fresh.pop();
  return fresh;
}

/** The lines to add for a screen, and what to remember of it. Another screen is shown whole. */
export function whatIsNew(
  shown: Shown,
  screen: Screen,
  road: readonly RoadStop[],
): { lines: string[]; shown: Shown } {
  const id = `${screen.id} ${screen.title}`;
  const same = id === shown.id;
  const log = logOf(screen.blocks);
  const fresh = freshBlocks(screen, same ? shown.blocks : new Map());
  const logLines = newLogLines(same ? shown.log : [], log);
  const lines = [
    ...(same ? [] : titleLines(screen.title, road)),
    ...fresh.flatMap((block) => blockLines(block)),
    ...(logLines.length > 0 ? blockLines({ kind: 'log', lines: logLines }) : []),
  ];
  return { lines, shown: { id, blocks: count(screen.blocks), log } };
}
