/** Names as pg_dump writes them in SQL. Pure. */

const PART = /^(?:"((?:[^"]|"")*)"|([a-z_][\w$]*))/;

/** `public."Orders" (id) FROM…` → `public.Orders`; null where no qualified name stands at the beginning. */
export function lexName(text: string): string | null {
  const first = PART.exec(text);
  if (!first || text[first[0].length] !== '.') return null;
  const second = PART.exec(text.slice(first[0].length + 1));
  if (!second) return null;
  return [first, second].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '').join('.');
}
