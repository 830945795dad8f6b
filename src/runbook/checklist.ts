/** The checklist: GitHub's task list items, with their commands and probes. */
import type { ListItem, Nodes } from 'mdast';
import { blocksOf, blockOf, lineOf, nodesBelow, textOf, type Heading } from './markdown.ts';
import { slug, withDistinctIds } from './slug.ts';
import { splitMetaCommands } from '../sql/parse-meta.ts';
import { splitQueries } from './split.ts';
import type { ChecklistItem, CodeBlock, Probe } from './types.ts';

const SHELLS = new Set(['bash', 'sh', 'shell', 'console']);

/** A task with what belongs to it: the blocks in it, and those that stand between it and the next task. */
interface Task {
  item: ListItem;
  blocks: CodeBlock[];
}

/** Looks into lists and quotes; a task within a task is one of its own. */
function collect(nodes: readonly Nodes[], tasks: Task[]): void {
  for (const [at, node] of nodes.entries()) {
    if (node.type === 'code') {
      const before = nodes[at - 1];
      const lead = before?.type === 'paragraph' ? textOf([before]) : '';
      tasks.at(-1)?.blocks.push(blockOf(node, lead));
    }
    if (node.type === 'listItem' && typeof node.checked === 'boolean') tasks.push({ item: node, blocks: [] });
    if ('children' in node) collect(node.children, tasks);
  }
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

/** One for each query of each `probe` block, and for each command of psql. */
function probesOf(blocks: readonly CodeBlock[]): Probe[] {
  const probes = blocks
    .filter(({ language, info }) => language === 'sql' && info.probe !== undefined)
    .flatMap(({ info, text, line }) => {
      const { sql, meta } = splitMetaCommands(text);
      const commands = meta.map((command) => ({
        sql: command.text,
        comment: command.text,
        line: command.line,
      }));
      const all = [...splitQueries(sql), ...commands].toSorted((one, other) => one.line - other.line);
      return all.map((query): Probe => {
        const title = info.probe === 'true' || info.probe === undefined ? query.comment : info.probe;
        return {
          id: slug(title || 'probe'),
          title: title || 'Probe',
          sql: query.sql,
          ...(info.expect === undefined ? {} : { expect: info.expect }),
          line: line + query.line - 1,
        };
      });
    });
  return withDistinctIds(probes);
}

/** A list without boxes, where there is none with them: each of its items. */
function plainItems(nodes: readonly Nodes[]): Task[] {
  const lists = nodes.filter((node) => node.type === 'list');
  return lists.flatMap((list) => list.children.map((item) => ({ item, blocks: blocksOf(item.children) })));
}

/** The items under a heading, in order. */
export function checklistOf(heading: Heading): ChecklistItem[] {
  const boxes: Task[] = [];
  collect(nodesBelow(heading), boxes);
  const tasks = boxes.length > 0 ? boxes : plainItems(nodesBelow(heading));
  const items = tasks.map(({ item, blocks }): ChecklistItem => {
    const text = textOf(
      item.children.filter(({ type }) => type !== 'list' && type !== 'code'),
      ' ',
    ).replaceAll('\n', ' ');
    const command = commandOf(item, text);
    const probes = probesOf(blocks);
    return {
      id: slug(text),
      text,
      ...(command === undefined ? {} : { command }),
      ...(probes.length === 0 ? {} : { probes }),
      line: lineOf(item),
    };
  });
  return withDistinctIds(items);
}
