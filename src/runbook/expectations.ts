/** What the verification section expects: psql's backslash commands, queries, and lists of indexes. */
import type { List, Nodes } from 'mdast';
import { splitMetaCommands } from '../sql/parse-meta.ts';
import { psqlCommand } from '../sql/psql/command.ts';
import { answeredIn } from '../sql/psql/looks.ts';
import { SQL_LANGUAGES } from '../sql/step-sql.ts';
import { markOf } from './headings.ts';
import { blockOf, lineOf, plainText, type Heading } from './markdown.ts';
import { splitQueries } from './split.ts';
import type { CodeBlock, Expectation } from './types.ts';

/** "Should NOT exist:" above `\dt` lines turns their meaning round, until the next comment. */
const ABSENT =
  /\b(should|must|may|do(es)?)\s+not\s+exist\b|\bshould(n't| not) be there\b|\b(be|is|are) gone\b|\bno longer exists?\b/i;
const META = /^\\(d[ti]?)[S+]*\s+("?)([^\s;*?"]+)\2\s*;?$/;

function expectsAbsence(lines: readonly string[], metaLine: number): boolean {
  for (let at = metaLine - 2; at >= 0; at -= 1) {
    const line = lines[at]?.trim() ?? '';
    if (line.startsWith('--')) return ABSENT.test(line);
  }
  return false;
}

/**
 * `\dt name` and `\d name` expect a table, `\di name` an index; what else shows something is shown, and expects nothing by
 * itself, as a pattern with a wildcard does. What is not carried out is kept, so that it is said.
 */
function fromMeta(block: CodeBlock): Expectation[] {
  const lines = block.text.split('\n');
  const { meta } = splitMetaCommands(block.text);
  const refused = meta.filter(({ text }) => psqlCommand(text).kind === 'refused');
  const all = [...answeredIn(meta).answered, ...refused.map((one) => ({ ...one, expanded: false }))];
  return all
    .toSorted((one, other) => one.line - other.line)
    .map(({ line, text, expanded }): Expectation => {
      const at = { line: block.line + line - 1, psql: { text, expanded } };
      const match = META.exec(text);
      const name = match?.[3];
      if (!match || name === undefined) return { kind: 'psql', ...at };
      if (match[1] === 'di') return { kind: 'index', name, ...at };
      const isAbsent = block.info.absent !== undefined || expectsAbsence(lines, line);
      return { kind: 'table', name, exists: !isAbsent, ...at };
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

/** "Expected indexes:", or the marker where that is said in another language. */
const namesIndexes = (node: Nodes | undefined): boolean =>
  (node?.type === 'paragraph' && /\bind(ex|exes|ices)\b/i.test(plainText(node))) ||
  (node?.type === 'html' && markOf(node.value) === 'indexes');

function ofNodes(nodes: readonly Nodes[], title: string): Expectation[] {
  return nodes.flatMap((node, at): Expectation[] => {
    const before = nodes[at - 1];
    if (node.type === 'code') {
      const block = blockOf(node, '');
      return SQL_LANGUAGES.includes(block.language) ? [...fromMeta(block), ...fromQueries(block, title)] : [];
    }
    if (node.type === 'list' && namesIndexes(before)) {
      return indexNames(node);
    }
    return 'children' in node ? ofNodes(node.children, title) : [];
  });
}

/** Everything the sections under a heading expect, in the document's order. */
export function expectationsOf(heading: Heading): Expectation[] {
  return [...ofNodes(heading.nodes, heading.title), ...heading.children.flatMap(expectationsOf)];
}
