/** psql's patterns (manual, app-psql, Patterns) as the regular expressions that it asks with. Pure. */

export interface PsqlPattern {
  /** Null: whatever is visible without its schema. */
  schema: string | null;
  name: string;
}

/** In double quotes nothing is special; `$` never is. */
const SPECIAL = /[|*+?()[\]{}.^$\\]/;

const anchored = (inner: string): string => `^(${inner})$`;

/**
 * `*` is any characters, `?` one, a dot ends the schema, letters are folded to lower case; in double quotes they stand
 * for themselves. Other signs of regular expressions are what they are there.
 */
export function patternOf(pattern: string): PsqlPattern {
  const parts: string[] = [''];
  const add = (more: string): void => {
    parts[parts.length - 1] += more;
  };
  let quoted = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? '';
    if (char === '"') {
      if (quoted && pattern[at + 1] === '"') {
        add('"');
        at += 1;
      } else quoted = !quoted;
    } else if (quoted) add(SPECIAL.test(char) ? `\\${char}` : char);
    else if (char === '*') add('.*');
    else if (char === '?') add('.');
    else if (char === '.') parts.push('');
    else if (char === '$') add('\\$');
    else add(char.toLowerCase());
  }
  const [name = '', schema] = parts.reverse();
  return {
    schema: schema === undefined ? null : anchored(schema === '' ? '.*' : schema),
    name: anchored(name === '' ? '.*' : name),
  };
}
