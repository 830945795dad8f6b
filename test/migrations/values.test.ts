/** Values that a file of SQL leaves open: asked for by name and never guessed; what a tool would take as it stands is left so. */
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { READERS, runbookOf } from '../../src/migrations/read.ts';
import type { Format } from '../../src/migrations/types.ts';
import type { Values } from '../../src/runbook/values/types.ts';
import { openDesk, type Desk } from '../cli/support/io.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

function read(format: Format, name: string, text: string, values: Values = {}) {
  const reader = READERS.find((one) => one.format === format);
  if (!reader) throw new Error(format);
  const source = { path: `/a/${name}`, name, folder: 'a', text, beside: [], near: {}, above: [] };
  const { steps, values: found } = runbookOf(source, reader, text, undefined, { values });
  return {
    sql: steps[0]?.blocks[0]?.text,
    missing: (found?.missing ?? []).map(({ written, lines }) => `${written} ${lines.join(',')}`),
    given: found?.given ?? [],
  };
}

const GOLANG = ['golang-migrate', '3_a.down.sql'] as const;
const FLYWAY = ['flyway', 'U3__a.sql'] as const;
const PLAIN = ['sql', 'back.sql'] as const;

test.each<[readonly [Format, string], string, string[]]>([
  [
    PLAIN,
    'DELETE FROM t\nWHERE a = :id AND b = :\'name\' OR :"c" = <day>;',
    [':id 2', ":'name' 2", ':"c" 2', '<day> 2'],
  ],
  [PLAIN, "SELECT a::text, x[1:n], ':q', $$ :d $$; -- :e\nUPDATE t SET a = '<release>'", ['<release> 2']],
  [GOLANG, "SELECT a::int, b[1:2], '<release>', '/path/to/x', ':q' FROM t WHERE c = :c", [':c 1']],
  [
    FLYWAY,
    "-- ${no}\nDROP TABLE ${schema}.a; /* ${no} */ SELECT '${flyway:user}', $$ ${in_body} $$",
    ['${schema} 2', '${flyway:user} 2', '${in_body} 2'],
  ],
  [FLYWAY, "SELECT a::int, '<b>', :x", []],
])('%s leaves open: %s', (file, sql, open) => {
  expect(read(...file, sql).missing).toEqual(open);
});

test('what is given stands there as psql or Flyway would put it', () => {
  expect(
    read(...PLAIN, 'DELETE FROM :"t" WHERE a = :\'v\' AND n = :n', { t: 'a b', v: "it's", n: '1' }),
  ).toEqual({
    sql: `DELETE FROM "a b" WHERE a = 'it''s' AND n = 1`,
    missing: [],
    given: [
      { name: 't', value: 'a b', line: 1 },
      { name: 'v', value: "it's", line: 1 },
      { name: 'n', value: '1', line: 1 },
    ],
  });
  const flyway = read(...FLYWAY, "UPDATE ${s}.t SET a = 'in ${s}'", { s: 'app' });
  expect(flyway.sql).toBe("UPDATE app.t SET a = 'in app'");
  expect(read('goose', '1_a.sql', '-- +goose Up\nSELECT :up\n-- +goose Down\nSELECT :x', {}).missing).toEqual(
    [':x 4'],
  );
});

describe('on the command line', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.clear());

  it('a missing value ends with 64 and names its flag, a syntax error still with 65; lint names both', async () => {
    const path = join(desk.folder, 'back.sql');
    await writeFile(path, "DELETE FROM a WHERE tenant = :'tenant';\n");
    const at = ['--database', 'postgresql://127.0.0.1:1/nobody'];
    const none = await desk.run(['plan', path, ...at]);
    expect(none).toMatchObject({ status: 64, out: '' });
    expect(none.err).toContain("leaves open :'tenant' (line 1)");
    expect(none.err).toContain('--set tenant=VALUE');
    expect((await desk.run(['plan', path, ...at, '--set', 'tenant=a'])).status).toBe(69);
    expect((await desk.run(['plan', path, ...at, '--set', 'other=a'])).status).toBe(64);
    const { out } = await desk.run(['lint', path]);
    expect(out.match(/\[value-asked\].*/g)).toEqual([expect.stringContaining(":'tenant'")]);
    await writeFile(path, 'DELETE FROM a WHERE :;\n');
    expect((await desk.run(['plan', path, ...at])).status).toBe(65);
  });
});
