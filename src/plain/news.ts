/** What is on the screen now that was not there before: how a surface of lines follows a screen. Pure. */
import { toLine } from '../terminal/sanitize.ts';
import type { Block, RoadStop, Screen } from '../wizard/types.ts';
import { blockLines, titleLines } from './lines.ts';

/** The screen shown last. */
export interface Shown {
  id: string;
  blocks: readonly Block[];
}

export const NOTHING_SHOWN: Shown = { id: '', blocks: [] };

/** An item that is shown again because its state changed is recognised by its beginning, a line of whole words. */
const SHORT = 86;

type Item = Extract<Block, { kind: 'item' }>;

const isItem = (block: Block): block is Item => block.kind === 'item';

/** What is compared: the cursor says nothing, and a detail or lines that only lost something say nothing new. */
function keyOf(block: Block): string {
  return JSON.stringify(
    isItem(block) ? { ...block, focused: undefined, detail: undefined, lines: undefined } : block,
  );
}

/** The blocks of the last screen, each to be met once. */
class Before {
  private readonly left = new Map<string, Block[]>();
  private readonly texts = new Set<string>();

  constructor(blocks: readonly Block[]) {
    for (const block of blocks) {
      this.left.set(keyOf(block), [...(this.left.get(keyOf(block)) ?? []), block]);
      if (isItem(block)) this.texts.add(block.text);
    }
  }

  /** True when the block was there already; it is then used up. */
  has(block: Block): boolean {
    const same = this.left.get(keyOf(block)) ?? [];
    const at = same.findIndex((one) => saysNoMore(block, one));
    if (at >= 0) same.splice(at, 1);
    return at >= 0;
  }

  /** True when the item was there, in whatever state. */
  knows(item: Item): boolean {
    return this.texts.has(item.text);
  }
}

function saysNoMore(now: Block, before: Block): boolean {
  if (!isItem(now) || !isItem(before)) return true;
  const lines = now.lines ?? [];
  return (
    (before.detail ?? '').startsWith(now.detail ?? '') && lines.every((one) => before.lines?.includes(one))
  );
}

const logOf = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) => (block.kind === 'log' ? block.lines : []));

/**
 * The lines of a log that is shown as its last lines only: those after the longest end of `before` that `now`
 * begins with.
 */
export function newLogLines(before: readonly string[], now: readonly string[]): string[] {
  for (let overlap = Math.min(before.length, now.length); overlap > 0; overlap -= 1) {
    const tail = before.slice(before.length - overlap);
    if (tail.every((line, index) => line === now[index])) return now.slice(overlap);
  }
  return [...now];
}

function shortened(item: Item): Item {
  if (item.text.length <= SHORT) return item;
  const beginning = item.text.slice(0, SHORT - 1).replace(/\s+\S*$/, '');
  return { ...item, text: `${toLine(beginning)}…` };
}

/** What begins is told when it has ended: on a surface of lines the one line says both. */
const isUnderWay = (block: Block): boolean => isItem(block) && block.mark === 'running';

/** The blocks to show. A table is named by its heading again: alone it would be a riddle. */
function freshBlocks(blocks: readonly Block[], before: Before): Block[] {
  const fresh: Block[] = [];
  let heading: Block | null = null;
  for (const block of blocks) {
    if (block.kind === 'log' || isUnderWay(block)) continue;
    if (block.kind === 'gap') {
      fresh.push(block);
      continue;
    }
    const seen = before.has(block);
    if (block.kind === 'heading') {
      heading = seen ? block : null;
      if (!seen) fresh.push(block);
    } else if (!seen) {
      if (heading && block.kind === 'table') fresh.push(heading);
      heading = null;
      fresh.push(isItem(block) && before.knows(block) ? shortened(block) : block);
    }
  }
  return fresh;
}

/** No empty line before the first, after the last, or after another. */
function tidy(lines: readonly string[]): string[] {
  const out = lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''));
  while (out.at(-1) === '') out.pop();
  return out;
}

/** The lines to add for a screen, and what to remember of it. Another screen is shown whole. */
export function whatIsNew(
  shown: Shown,
  screen: Screen,
  road: readonly RoadStop[],
): { lines: string[]; shown: Shown } {
  const id = `${screen.id} ${screen.title}`;
  const last = id === shown.id ? shown.blocks : [];
  const title = id === shown.id ? [] : titleLines(screen.title, road);
  const fresh = freshBlocks(screen.blocks, new Before(last));
  const log = newLogLines(logOf(last), logOf(screen.blocks));
  const body = tidy([
    ...fresh.flatMap((block) => blockLines(block)),
    ...(log.length > 0 ? blockLines({ kind: 'log', lines: log }) : []),
  ]);
  // A title has its own empty line; further down a new heading is set off from what stands above it.
  const apart =
    title.length === 0 && fresh.find(({ kind }) => kind !== 'gap')?.kind === 'heading' ? [''] : [];
  return { lines: [...title, ...apart, ...body], shown: { id, blocks: screen.blocks } };
}
