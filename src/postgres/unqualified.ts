/** Names as they would read with one schema in the search_path. */

const TOKEN = /'(?:[^']|'')*'(::regclass)?|"(?:[^"]|"")*"\.?|[\p{L}_][\p{L}\p{N}_$]*\.?/gu;

/**
 * Takes `schema.` off the names in an expression, a type or a constraint's definition as the server writes them
 * (`public.vector(768)`, `nextval('public.x_seq'::regclass)`), and leaves string literals alone. The server decides by
 * the search_path of the moment whether it writes the schema; this makes both spellings one.
 */
export function unqualified(text: string, schema: string): string {
  const bare = `${schema}.`;
  const quoted = `"${schema.replaceAll('"', '""')}".`;
  return text.replaceAll(TOKEN, (token: string, regclass: string | undefined) => {
    if (regclass) return `'${unqualified(token.slice(1, -1 - regclass.length), schema)}'${regclass}`;
    return token === bare || token === quoted ? '' : token;
  });
}
