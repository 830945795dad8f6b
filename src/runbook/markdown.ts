/** Markdown as a tree of sections: what stands under which heading, with lines. */
import type { Code, Nodes, RootContent } from 'mdast';
import { markedPart, markOf, partOf } from './headings.ts';
import { parseInfo } from './info.ts';
import { treeOf } from './tree.ts';
import type { CodeBlock, Said, Section } from './types.ts';

/** A heading, what stands between it and the next one, and the headings below it. */
export interface Heading {
  title: string;
  /** 1 to 6; 0 for what stands above the first heading. */
  depth: number;
  line: number;
  /** The word of a marker on it or right below it (`<!-- backout: step -->`), or null. */
  mark: string | null;
  nodes: RootContent[];
  children: Heading[];
}

/** The 1-based line on which a node begins. */
export function lineOf(node: Nodes): number {
  return node.position?.start.line ?? 1;
}

/**
 * What opens a section: a heading; one written as HTML, as exports have it; or a line in bold that calls itself a step.
 * @param below the level of the heading above, under which a line in bold stands
 */
function opens(node: RootContent, below: number): Pick<Heading, 'title' | 'depth' | 'mark'> | null {
  if (node.type === 'heading') {
    const html = node.children.flatMap((child) => (child.type === 'html' ? [markOf(child.value)] : []));
    const mark = html.find((word) => word !== null) ?? null;
    return { title: plainText(node).trim(), depth: node.depth, mark };
  }
  if (node.type === 'html') {
    const match = /^<h([1-6])(?:\s[^>]*)?>([^]*?)<\/h\1>$/i.exec(node.value.trim());
    if (!match?.[1] || match[2] === undefined) return null;
    return { title: match[2].replace(/<[^>]+>/g, '').trim(), depth: Number(match[1]), mark: null };
  }
  if (node.type !== 'paragraph' || node.children.length !== 1 || node.children[0]?.type !== 'strong')
    return null;
  const title = plainText(node).replace(/:$/, '');
  return partOf(title) === 'step' ? { title, depth: below + 1, mark: null } : null;
}

/**
 * Reads CommonMark with GitHub's extensions and nests its headings.
 * @returns a heading of depth 0 that holds everything
 */
export function sectionsOf(text: string): Heading {
  const root = treeOf(text);
  const top: Heading = { title: '', depth: 0, line: 1, mark: null, nodes: [], children: [] };
  const open = [top];
  let written = 0;
  for (const node of root.children) {
    const opened = opens(node, written);
    const last = open.at(-1) ?? top;
    if (!opened) {
      const mark =
        node.type === 'html' && last.nodes.length === 0 && last !== top ? markOf(node.value) : null;
      if (mark !== null && last.mark === null && markedPart(mark) !== null) last.mark = mark;
      else last.nodes.push(node);
      continue;
    }
    if (node.type !== 'paragraph') written = opened.depth;
    const heading: Heading = { ...opened, line: lineOf(node), nodes: [], children: [] };
    while ((open.at(-1)?.depth ?? 0) >= heading.depth) open.pop();
    (open.at(-1) ?? top).children.push(heading);
    open.push(heading);
  }
  return top;
}

/** What a reader sees of a node, without code blocks; lists keep their marks, paragraphs their blank line. */
export function plainText(node: Nodes): string {
  switch (node.type) {
    case 'code':
    case 'html':
    case 'definition':
    case 'thematicBreak':
      return '';
    case 'break':
      return '\n';
    // A line break inside a paragraph is a space to a reader (CommonMark 0.31, section 6.8).
    case 'text':
      return node.value.replace(/[ \t]*\n[ \t]*/g, ' ');
    case 'list':
      return node.children
        .map((item, at) => {
          const mark = node.ordered ? `${(node.start ?? 1) + at}. ` : '- ';
          return mark + plainText(item).replaceAll('\n', `\n${' '.repeat(mark.length)}`);
        })
        .join('\n');
    case 'table':
      return node.children.map((row) => row.children.map(plainText).join(' | ')).join('\n');
    case 'root':
    case 'blockquote':
    case 'footnoteDefinition':
      return textOf(node.children);
    case 'listItem':
      return textOf(node.children, '\n');
    default:
      if ('value' in node) return node.value;
      if ('children' in node) return node.children.map(plainText).join('');
      return 'alt' in node ? (node.alt ?? '') : '';
  }
}

/** The plain text of several nodes. */
export function textOf(nodes: readonly Nodes[], between = '\n\n'): string {
  return nodes
    .map(plainText)
    .filter((text) => text !== '')
    .join(between);
}

/** The code blocks among nodes and within them (lists, quotes), in order, each with the paragraph right before it. */
export function blocksOf(nodes: readonly Nodes[]): CodeBlock[] {
  return nodes.flatMap((node, at): CodeBlock[] => {
    if (node.type === 'code') {
      const before = nodes[at - 1];
      return [blockOf(node, before?.type === 'paragraph' ? plainText(before) : '')];
    }
    return 'children' in node ? blocksOf(node.children) : [];
  });
}

/** One code block. A fence takes the line above its code; an indented block has none. */
export function blockOf(node: Code, lead: string): CodeBlock {
  const start = lineOf(node);
  const fenced = (node.position?.end.line ?? start) - start + 1 > node.value.split('\n').length;
  return {
    language: (node.lang ?? '').toLowerCase(),
    info: parseInfo(node.meta ?? ''),
    text: node.value,
    line: fenced ? start + 1 : start,
    lead,
  };
}

/** A heading and everything below it, flattened. */
export function nodesBelow(heading: Heading): RootContent[] {
  return [...heading.nodes, ...heading.children.flatMap(nodesBelow)];
}

function textBelow(heading: Heading): string {
  const below = heading.children.map((child) => [child.title, textBelow(child)].filter(Boolean).join('\n\n'));
  return [textOf(heading.nodes), ...below].filter((part) => part !== '').join('\n\n');
}

/** The paragraphs among nodes and within them, each at its line. */
export function saidIn(nodes: readonly Nodes[]): Said[] {
  return nodes.flatMap((node): Said[] => {
    if (node.type === 'paragraph') return [{ text: plainText(node), line: lineOf(node) }];
    return 'children' in node ? saidIn(node.children) : [];
  });
}

/** Every marker of a document, each at its line: also those in lists and on headings. */
export function marksIn(text: string): Said[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      [...line.matchAll(/<!--\s*backout:[^]*?(-->|$)/gi)].map(([mark]) => ({ text: mark, line: at + 1 })),
    );
}

/** A heading with all that is below it, as the runbook's type has it. */
export function asSection(heading: Heading): Section {
  return {
    title: heading.title,
    depth: heading.depth,
    text: textBelow(heading),
    blocks: blocksOf(nodesBelow(heading)),
    line: heading.line,
    said: saidIn(nodesBelow(heading)),
  };
}
