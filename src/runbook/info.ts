/** What stands behind the language of a fenced code block. */

const PART = /([^\s=]+)(?:=(?:"([^"]*)"|'([^']*)'|(\S*)))?/g;

/**
 * `key=value`, `key="a b"` and `key='a b'` pairs; a bare word is `'true'`.
 * CommonMark leaves the text behind the first word of an info string to its readers (spec 0.31, section 4.5).
 */
export function parseInfo(meta: string): Record<string, string> {
  const info: Record<string, string> = {};
  for (const [, key, double, single, bare] of meta.matchAll(PART)) {
    if (key !== undefined) info[key.toLowerCase()] = double ?? single ?? bare ?? 'true';
  }
  return info;
}
