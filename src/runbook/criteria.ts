/** When to roll back and when to fix forward: the bullets, and the queries that gather evidence for them. */
import type { RootContent } from 'mdast';
import { criterionSide, markOf, withoutNumber } from './headings.ts';
import { blockOf, blocksOf, lineOf, plainText, textOf, type Heading } from './markdown.ts';
import { slug, withDistinctIds } from './slug.ts';
import type { CodeBlock, Criterion } from './types.ts';

type Side = Criterion['supports'];

const isEvidence = (block: CodeBlock): boolean =>
  block.language === 'sql' && block.info.evidence !== undefined;

/** `<!-- backout: rollback-if -->` before a list, where its heading says it in another language. */
function markedSide(mark: string | null): Side | null {
  if (mark === 'rollback-if') return 'rollback';
  return mark === 'fix-forward-if' ? 'fix-forward' : null;
}

function withQuery(criterion: Criterion, query: CodeBlock | undefined): Criterion {
  if (!query) return criterion;
  const named = query.info.evidence;
  return { ...criterion, id: named && named !== 'true' ? named : criterion.id, query };
}

/** Bullets of one list, or of the lists that an evidence block between them has split. */
function bulletsOf(nodes: readonly RootContent[], start: Side | null): Criterion[] {
  const found: Criterion[] = [];
  let side = start;
  for (const node of nodes) {
    if (node.type === 'paragraph') side = criterionSide(plainText(node)) ?? side;
    if (node.type === 'html') side = markedSide(markOf(node.value)) ?? side;
    if (node.type === 'code') {
      const block = blockOf(node, '');
      const last = found.pop();
      if (last) found.push(isEvidence(block) && !last.query ? withQuery(last, block) : last);
    }
    if (node.type !== 'list' || side === null) continue;
    for (const item of node.children) {
      const text = textOf(
        item.children.filter((child) => child.type === 'paragraph'),
        ' ',
      ).replaceAll('\n', ' ');
      const criterion = { id: slug(text), text, supports: side, line: lineOf(item) };
      found.push(withQuery(criterion, blocksOf(item.children).find(isEvidence)));
    }
  }
  return found;
}

function below(heading: Heading, inherited: Side | null): Criterion[] {
  const side = criterionSide(withoutNumber(heading.title).title) ?? inherited;
  return [...bulletsOf(heading.nodes, side), ...heading.children.flatMap((child) => below(child, side))];
}

/** The criteria under a heading, in the document's order, ids distinct. */
export function criteriaOf(heading: Heading): Criterion[] {
  return withDistinctIds(below(heading, null));
}
