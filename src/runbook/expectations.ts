/** What the verification section expects: psql's backslash commands, queries, and lists of indexes. */
import type { List, Nodes } from 'mdast';
import { splitMetaCommands } from '../sql/parse-meta.ts';
import { blockOf, lineOf, plainText, type Heading } from './markdown.ts';
import { splitQueries } from './split.ts';
import type { CodeBlock, Expectation } from './types.ts';

/** "Should NOT exist:" above `\dt` lines turns their meaning round, until the next comment. */
const ABSENT =
  /\b(should|must|may|do(es)?)\s+not\s+exist\b|\bshould(n't| not) be there\b|\b(be|is|are) gone\b/i;
const META = /^\\(d[ti]?)[S+]*\s+("?)([^\s;*?"]+)\2\s*;?$/;

function expectsAbsence(lines: readonly string[], metaLine: number): boolean {
  for (let at = metaLine - 2; at >= 0; at -= 1) {
    const line = lines[at]?.trim() ?? '';
    if (line.startsWith('--')) return ABSENT.test(line);
  }
  return false;
}

/** `\dt name` and `\d name` expect a table, `\di name` an index; a pattern with a wildcard expects nothing by itself. */
function fromMeta(block: CodeBlock): Expectation[] {
  const lines = block.text.split('\n');
  return splitMetaCommands(block.text).meta.flatMap(({ line, text }): Expectation[] => {
    const match = META.exec(text);
    const name = match?.[3];
    if (!match || name === undefined) return [];
    const at = block.line + line - 1;
    if (match[1] === 'di') return [{ kind: 'index', name, line: at }];
    return [{ kind: 'table', name, exists: !expectsAbsence(lines, line), line: at }];
  });
}

function fromQueries(block: CodeBlock, title: string): Expectation[] {
  return splitQueries(splitMetaCommands(block.text).sql).map((query) => ({
    kind: 'query',
    title: block.info.title ?? (query.comment || title),
    sql: query.sql,
    ...(block.info.expect === undefined ? {} : { expect: block.info.expect }),
    line: block.line + query.line - 1,
  }));
}

function indexNames(list: List): Expectation[] {
  return list.children.flatMap((item): Expectation[] => {
    const paragraph = item.children.find((child) => child.type === 'paragraph');
    const code = paragraph?.children.find((child) => child.type === 'inlineCode');
    const name = code?.value ?? /^[\w$.]+$/.exec(paragraph ? plainText(paragraph) : '')?.[0];
    return name === undefined ? [] : [{ kind: 'index', name, line: lineOf(item) }];
  });
}

function ofNodes(nodes: readonly Nodes[], title: string): Expectation[] {
  return nodes.flatMap((node, at): Expectation[] => {
    const before = nodes[at - 1];
    if (node.type === 'code') {
      const block = blockOf(node, '');
      return block.language === 'sql' || block.language === 'psql'
        ? [...fromMeta(block), ...fromQueries(block, title)]
        : [];
    }
    if (node.type === 'list' && before?.type === 'paragraph' && /\bindex(es)?\b/i.test(plainText(before))) {
      return indexNames(node);
    }
    return 'children' in node ? ofNodes(node.children, title) : [];
  });
}

/** Everything the sections under a heading expect, in the document's order. */
export function expectationsOf(heading: Heading): Expectation[] {
  return [...ofNodes(heading.nodes, heading.title), ...heading.children.flatMap(expectationsOf)];
}
