/** Troubleshooting: what can go wrong, why, and what to do. */
import type { RootContent } from 'mdast';
import { issueTitle, markOf } from './headings.ts';
import { asSection, blocksOf, nodesBelow, plainText, textOf, type Heading } from './markdown.ts';
import { slug, withDistinctIds } from './slug.ts';
import type { Troubleshooting } from './types.ts';

const LABEL = /^(cause|reason|solution|fix|resolution)\s*:\s*/i;

function labelOf(node: RootContent): 'cause' | 'solution' | null {
  const mark = node.type === 'html' ? markOf(node.value) : null;
  if (mark === 'cause' || mark === 'solution') return mark;
  const word = node.type === 'paragraph' ? LABEL.exec(plainText(node))?.[1]?.toLowerCase() : undefined;
  if (!word) return null;
  return word === 'cause' || word === 'reason' ? 'cause' : 'solution';
}

function entryOf(heading: Heading): Troubleshooting {
  const nodes = nodesBelow(heading);
  const texts: Record<'cause' | 'solution', string[]> = { cause: [], solution: [] };
  // What stands before any label is said as part of the solution: it is there to be read.
  let label: 'cause' | 'solution' = 'solution';
  for (const node of nodes) {
    const starts = labelOf(node);
    label = starts ?? label;
    const text = textOf([node]);
    texts[label].push(starts ? text.replace(LABEL, '') : text);
  }
  const join = (parts: string[]): string => parts.filter((part) => part !== '').join('\n\n');
  return {
    id: slug(issueTitle(heading.title)),
    title: issueTitle(heading.title),
    cause: join(texts.cause),
    solution: join(texts.solution),
    blocks: blocksOf(nodes),
    line: heading.line,
  };
}

/** The entries under a heading; each heading directly below it is one. */
export function troubleshootingOf(heading: Heading): Troubleshooting[] {
  if (heading.children.length > 0) return withDistinctIds(heading.children.map(entryOf));
  return asSection(heading).text === '' ? [] : [entryOf(heading)];
}
