/** The checklist: GitHub's task list items. */
import type { ListItem, Nodes } from 'mdast';
import { blocksOf, lineOf, nodesBelow, textOf, type Heading } from './markdown.ts';
import { slug, withDistinctIds } from './slug.ts';
import type { ChecklistItem } from './types.ts';

const SHELLS = new Set(['bash', 'sh', 'shell', 'console']);

function tasksIn(nodes: readonly Nodes[]): ListItem[] {
  return nodes.flatMap((node): ListItem[] => {
    const inside = 'children' in node ? tasksIn(node.children) : [];
    return node.type === 'listItem' && typeof node.checked === 'boolean' ? [node, ...inside] : inside;
  });
}

function inlineCodeIn(nodes: readonly Nodes[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'inlineCode') return [node.value];
    return 'children' in node && node.type !== 'list' ? inlineCodeIn(node.children) : [];
  });
}

/** A block of a shell in the item; or the only words in backticks, when the item says to run them. */
function commandOf(item: ListItem, text: string): string | undefined {
  const block = blocksOf(item.children).find(({ language }) => SHELLS.has(language));
  if (block) return block.text.trim();
  const [code, ...more] = inlineCodeIn(item.children);
  return code !== undefined && more.length === 0 && /\b(run|execute|call|start)\b/i.test(text)
    ? code
    : undefined;
}

/** The items under a heading, in order. */
export function checklistOf(heading: Heading): ChecklistItem[] {
  const items = tasksIn(nodesBelow(heading)).map((item): ChecklistItem => {
    const text = textOf(
      item.children.filter((child) => child.type !== 'list'),
      ' ',
    ).replaceAll('\n', ' ');
    const command = commandOf(item, text);
    return { id: slug(text), text, ...(command === undefined ? {} : { command }), line: lineOf(item) };
  });
  return withDistinctIds(items);
}
