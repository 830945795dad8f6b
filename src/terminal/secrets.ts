/**
 * Secrets that are known to this process because a runbook asked for them: they go into SQL, and nowhere else. What is
 * shown or written down holds their names in their place.
 */
const known = new Map<string, string>();

/** As they stand in SQL and in JSON as well. */
function writings(value: string): string[] {
  const json = (text: string): string => JSON.stringify(text).slice(1, -1);
  const quoted = [value, value.replaceAll("'", "''"), value.replaceAll('"', '""')];
  const all = [...quoted, ...quoted.map((text) => text.replaceAll('\\', '\\\\')), encodeURIComponent(value)];
  return [...new Set([...all, ...all.map(json)])];
}

/** From now on this value is not shown. */
export function keepSecret(name: string, value: string): void {
  for (const text of writings(value)) known.set(text, `‹${name}›`);
}

/** The text without any of them; the longest first, where one holds another. */
export function withoutSecrets(text: string): string {
  if (known.size === 0) return text;
  return [...known]
    .toSorted(([one], [other]) => other.length - one.length)
    .reduce((shown, [secret, name]) => shown.replaceAll(secret, name), text);
}

/** A value that can be JSON, without any of them in its strings. */
export function withoutSecretsIn<T>(value: T): T {
  if (known.size === 0) return value;
  return JSON.parse(withoutSecrets(JSON.stringify(value))) as T;
}

/** For tests: what one has put in is of no concern to the next. */
export function forgetSecrets(): void {
  known.clear();
}
