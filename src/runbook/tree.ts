/** Markdown as its syntax tree. */
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { Root } from 'mdast';

/** As written, and with its values filled in. */
const KEPT = 2;

/** Reading takes longer than everything that is done with the tree, and a document is read several times in a run. */
const read = new Map<string, Root>();

/** CommonMark with GitHub's extensions. The tree is shared by all who ask for the same text: it must not be changed. */
export function treeOf(text: string): Root {
  const known = read.get(text);
  if (known) return known;
  const root = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  for (const [oldest] of [...read].slice(0, Math.max(0, read.size + 1 - KEPT))) read.delete(oldest);
  read.set(text, root);
  return root;
}
