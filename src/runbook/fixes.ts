/** The section on fixing forward: what the migrated tables should have, what may be wrong with them, and what mends it. */
import { blocksOf, nodesBelow, type Heading } from './markdown.ts';
import { slug, withDistinctIds } from './slug.ts';
import type { CodeBlock, Defect, ForwardFix, ForwardFixes } from './types.ts';

const isSql = ({ language }: CodeBlock): boolean => language === 'sql';

/** A bare word has no value: `'true'`. */
const named = (value: string | undefined): string | undefined => (value === 'true' ? undefined : value);

const query = (text: string): string => text.trim().replace(/;\s*$/, '');

function fixOf({ info, text, line, lead }: CodeBlock): ForwardFix {
  const title = named(info.repair) ?? '';
  return {
    id: named(info.id) ?? slug(title),
    title,
    sql: text.trim(),
    words: lead,
    optional: info.optional !== undefined,
    line,
  };
}

/** The defect that a repair names by `finds`, else the nearest above it. */
function defectOf(defects: readonly Defect[], { info, line }: CodeBlock): Defect | undefined {
  const wanted = named(info.finds);
  if (wanted !== undefined) return defects.find(({ id, title }) => id === wanted || title === wanted);
  return defects.findLast((defect) => defect.line < line);
}

/** Everything that sections on fixing forward say, in the document's order. */
export function fixesOf(headings: readonly Heading[]): ForwardFixes {
  const blocks = headings.flatMap((heading) => blocksOf(nodesBelow(heading))).filter(isSql);
  const defects: Defect[] = withDistinctIds(
    blocks
      .filter(({ info }) => info.defect !== undefined)
      .map(({ info, text, line, lead }) => ({
        id: named(info.id) ?? slug(named(info.defect) ?? ''),
        title: named(info.defect) ?? '',
        sql: query(text),
        words: lead,
        line,
        repairs: [],
      })),
  );
  const stray: ForwardFix[] = [];
  for (const block of blocks.filter(({ info }) => info.repair !== undefined)) {
    (defectOf(defects, block)?.repairs ?? stray).push(fixOf(block));
  }
  const migrated = blocks
    .filter(({ info }) => info.migrated !== undefined)
    .map(({ text, line, lead }) => ({ sql: text, line, words: lead }));
  return { migrated, defects, stray };
}
