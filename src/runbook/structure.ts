/** Which headings of a document are which part of a runbook. Pure. */
import type { List, ListItem, RootContent } from 'mdast';
import { isStepSql } from '../sql/step-sql.ts';
import { callsItselfStep, markedPart, partOf, withoutNumber, type Part } from './headings.ts';
import { blocksOf, lineOf, nodesBelow, plainText, type Heading } from './markdown.ts';

export interface Parts {
  found: Map<Part, Heading[]>;
  unrecognised: Heading[];
  /** Steps that do not call themselves one: read off a number, their place or a list. */
  inferred: Set<Heading>;
}

const saysSql = (nodes: readonly RootContent[]): boolean => blocksOf(nodes).some(isStepSql);

/**
 * The heading that names the document. The only one of its level is; of several, the first, unless it names a part
 * itself: then the document has no title.
 */
function titleOf(top: Heading): Heading | null {
  const firsts = top.children.filter(({ depth }) => depth === 1);
  const [first] = firsts;
  if (!first || first.mark !== null) return null;
  const part = partOf(first.title);
  if (part === null) return first;
  if (firsts.length === 1) return part !== 'step' && first.children.length > 0 ? first : null;
  return part === 'procedure' && !saysSql(nodesBelow(first)) ? first : null;
}

/** "**1. Restore orders**" and its SQL in an item of a numbered list: each item is a step. */
function itemsOf(heading: Heading): Heading[] {
  const lists = heading.nodes.filter(
    (node): node is List => node.type === 'list' && node.ordered === true && saysSql([node]),
  );
  return lists.flatMap((list) =>
    list.children.flatMap((item: ListItem, at): Heading[] => {
      if (!saysSql(item.children)) return [];
      const [first, ...rest] = item.children;
      const title = first?.type === 'paragraph' ? plainText(first) : '';
      return [
        {
          title: `${(list.start ?? 1) + at}. ${title.replace(/[:.]$/, '') || 'Step'}`,
          depth: heading.depth + 1,
          line: lineOf(item),
          mark: null,
          nodes: first?.type === 'paragraph' ? rest : item.children,
          children: [],
        },
      ];
    }),
  );
}

const CHANGES = /^\s*(insert|update|delete|merge|alter|create|drop|truncate|grant|revoke|do|call|copy)\b/im;

/** Whether SQL below a heading changes anything: then it is no check, whatever the heading says. */
export const changesSomething = (nodes: readonly RootContent[]): boolean =>
  blocksOf(nodes).some((block) => isStepSql(block) && CHANGES.test(block.text));

/** What a step holds that is not run with it: a section of its own that verifies. */
const verifies = (heading: Heading): boolean =>
  (heading.mark === null ? partOf(heading.title) : markedPart(heading.mark)) === 'verification' &&
  !changesSomething(nodesBelow(heading));

/** "Step 5: Verification" is one that verifies, unless its SQL does more. */
function partIn(heading: Heading): Part | null {
  const part = partOf(heading.title);
  return part !== null && callsItselfStep(heading.title) && changesSomething(nodesBelow(heading))
    ? 'step'
    : part;
}

/** Sorts the headings of a document into parts. A recognised heading owns what is below it; any other is looked into. */
export function partsOf(top: Heading): Parts {
  const parts: Parts = { found: new Map(), unrecognised: [], inferred: new Set() };
  const title = titleOf(top);
  const add = (part: Part, heading: Heading): void => {
    parts.found.set(part, [...(parts.found.get(part) ?? []), heading]);
  };
  const steps = (): number => parts.found.get('step')?.length ?? 0;
  const total = (): number => [...parts.found.values()].reduce((sum, list) => sum + list.length, 0);
  const infer = (heading: Heading): void => {
    parts.inferred.add(heading);
    add('step', heading);
  };

  function addStep(heading: Heading): void {
    const aside = heading.children.filter(verifies);
    add(
      'step',
      aside.length === 0
        ? heading
        : Object.assign(heading, { children: heading.children.filter((child) => !verifies(child)) }),
    );
    for (const child of aside) add('verification', child);
  }

  /** @param within whether a heading above says that the steps are here */
  function collect(heading: Heading, within: boolean): void {
    if (heading.mark === 'ignore') return;
    const isTitle = heading === title || heading.depth === 0;
    const named = heading.mark === null ? null : markedPart(heading.mark);
    const part = isTitle ? null : named === 'ignore' ? null : (named ?? partIn(heading));
    if (part === 'step') return addStep(heading);
    if (part !== null && part !== 'procedure') return add(part, heading);
    if (part === 'procedure') add(part, heading);
    const isNumbered = withoutNumber(heading.title).number !== null;
    if (part === null && !isTitle && (within || isNumbered) && saysSql(heading.nodes)) return infer(heading);
    const before = [steps(), total()] as const;
    for (const child of heading.children) collect(child, within || part === 'procedure');
    const holds =
      part === 'procedure' || (isTitle && (partOf(heading.title) === 'procedure' || heading === top));
    if (holds && steps() === before[0]) listed(heading, heading.depth > 0);
    if (part === null && !isTitle && total() === before[1]) parts.unrecognised.push(heading);
  }

  /** A procedure without a heading for each step: a numbered list of them, or all of it is one. */
  function listed(heading: Heading, isProcedure: boolean): void {
    const items = itemsOf(heading);
    for (const item of items) infer(item);
    if (items.length === 0 && isProcedure && saysSql(heading.nodes)) infer({ ...heading, children: [] });
  }

  collect(top, false);
  return parts;
}
