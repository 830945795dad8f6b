/** The tests of conversions against the server itself: what it says is valid, or what it does with the cast. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { assignCheck, castCheck } from '../../src/sql/castable.ts';
import { openFixture, type Fixture } from './support.ts';

const SPACES = ['', ' ', '\t', '\n', '\u00a0', '  '];
const FLOATS = [
  ...[
    '',
    ' ',
    '.',
    '1',
    '1.',
    '.5',
    '-0',
    '+.5e-3',
    '1e',
    'e5',
    '1e5',
    '1E+05',
    '1_000',
    '0x10',
    '0x1p3',
    '0x',
    '1f',
  ],
  ...[
    'NaN',
    'nan',
    'nan(1)',
    '-nan',
    'Inf',
    '-infinity',
    '+Infinity',
    'infinit',
    '1e308',
    '1.8e308',
    '-1.9e308',
  ],
  ...[
    '1.7976931348623157e308',
    '1.7976931348623158e308',
    '1.797693134862315807e308',
    '1.7976931348623159e308',
  ],
  ...[
    '1e400',
    '1e-400',
    '4.9e-324',
    '2.4e-324',
    '2.5e-324',
    '0e999',
    '0.000e-9999',
    '1e-5000',
    '1e99999',
    '1e0000308',
  ],
  ...[
    'high',
    '"1"',
    '1 2',
    '--1',
    '+-1',
    '1,5',
    '1e5.0',
    `${'9'.repeat(308)}`,
    `${'9'.repeat(310)}`,
    `0.${'0'.repeat(400)}1`,
  ],
];
const INTEGERS = [
  '0',
  '-0',
  '+7',
  ' 7 ',
  '7.0',
  '7e1',
  '2147483647',
  '2147483648',
  '-2147483648',
  '-2147483649',
  '99999999999999999999',
  '',
  'x',
  '0x1',
  '١',
];
const BOOLEANS = [
  't',
  'T',
  'tru',
  'TRUE',
  ' true ',
  'yes',
  'y',
  'on',
  'o',
  'of',
  'off',
  '1',
  '0',
  '10',
  'no',
  'none',
  '',
  'f',
  'fals',
  'falsch',
];
const UUIDS = [
  ...[
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
    'a0eebc999c0b4ef8bb6d6bb9bd380a11',
  ],
  ...[
    'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11',
    '{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1',
    '',
  ],
  ...[
    ' a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  ],
];
const NUMERICS = [
  ...FLOATS.filter((text) => !text.startsWith('0x')),
  '99.994',
  '99.995',
  '-99.995',
  '100',
  '999999',
];

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.db.close());

/** What the check says of each text, without an error. */
async function saysOk(type: string, texts: readonly string[], version: number): Promise<(boolean | null)[]> {
  const check = castCheck('text', type, 'v', version);
  if (check.kind !== 'test' && check.kind !== 'unsure') throw new Error(`there is no test for ${type}`);
  const { rows } = await fixture.db.query<{ ok: boolean | null }>(
    `SELECT (${check.ok}) AS ok FROM unnest($1::text[]) WITH ORDINALITY AS t(v, n) ORDER BY n`,
    [texts],
  );
  return rows.map((row) => row.ok);
}

async function serverSays(type: string, texts: readonly string[]): Promise<boolean[]> {
  const { rows } = await fixture.db.query<{ ok: boolean }>(
    `SELECT pg_input_is_valid(v, $2) AS ok FROM unnest($1::text[]) WITH ORDINALITY AS t(v, n) ORDER BY n`,
    [texts, type],
  );
  return rows.map((row) => row.ok);
}

async function casts(text: string, type: string): Promise<boolean> {
  return fixture.db.query(`SELECT CAST($1::text AS ${type})`, [text]).then(
    () => true,
    () => false,
  );
}

function paired(texts: readonly string[], answers: readonly (boolean | null)[]): [string, boolean | null][] {
  return texts.map((text, at) => [text, answers[at] ?? null]);
}

describe('texts that become values', () => {
  const table: [string, string[]][] = [
    ['double precision', FLOATS],
    ['numeric', NUMERICS],
    ['numeric(4,2)', NUMERICS],
    ['integer', INTEGERS],
    ['bigint', INTEGERS],
    ['smallint', [...INTEGERS, '32767', '32768', '-32768', '-32769']],
    ['boolean', BOOLEANS],
    ['uuid', UUIDS],
  ];

  it.each(table)('before PostgreSQL 16: %s as the server reads it', async (type, texts) => {
    const spaced =
      type === 'uuid' ? texts : texts.flatMap((text) => SPACES.map((space) => `${space}${text}${space}`));
    // Left out: what only PostgreSQL 16 and later read as whole numbers, and exponents of four digits.
    const newer = type === 'double precision' ? /^$/ : /_|0x|e[+-]?\d{4,}/i;
    const judged = type === 'uuid' ? spaced : spaced.filter((text) => !newer.test(text) || text === '');
    expect(paired(judged, await saysOk(type, judged, 150000))).toEqual(
      paired(judged, await serverSays(type, judged)),
    );
  });

  it('from PostgreSQL 16 the server is asked', async () => {
    expect(await saysOk('jsonb', ['{}', '{', 'nul', 'null'], 160000)).toEqual([true, false, false, true]);
    expect(castCheck('text', 'jsonb', 'v', 150000).kind).toBe('gap');
  });

  it('any text of digits, dots, signs and exponents as a double', async () => {
    const text = fc
      .array(fc.constantFrom('0', '1', '9', '.', 'e', 'E', '-', '+', ' ', '3', '308', '324', '00'), {
        maxLength: 9,
      })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 50, maxLength: 200 }), async (texts) => {
        expect(paired(texts, await saysOk('double precision', texts, 150000))).toEqual(
          paired(texts, await serverSays('double precision', texts)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('a date is certain only in ISO 8601', async () => {
    const texts = ['2025-01-05 10:00:00', '2025-01-05', '2025-02-30', 'tomorrow', '0000-01-01'];
    expect(castCheck('text', 'date', 'v', 150000).kind).toBe('unsure');
    const sure = await saysOk('timestamp without time zone', texts, 150000);
    const valid = await serverSays('timestamp', texts);
    expect(sure).toEqual([true, true, false, false, false]);
    sure.forEach((ok, at) => expect(ok === true && valid[at] === false).toBe(false));
  });
});

describe('vectors', () => {
  const texts = [
    ...[
      '[1,2,3]',
      ' [1, 2 ,3 ] ',
      '\t[1,2,\n3]',
      '[+1,.5,5.]',
      '[1e5,-2E-3,0]',
      '[1,2]',
      '[1,2,3,4]',
      '[]',
      '',
      '[1,,3]',
      '[1,2,3,]',
    ],
    ...[
      '[1,2,3]x',
      '[nan,1,1]',
      '[inf,1,1]',
      '[1e39,1,1]',
      '[3.5e38,1,1]',
      '[3.4e38,1,1]',
      '[1e-50,1,1]',
      '{1,2,3}',
      '[a,b,c]',
      '[1 2 3]',
    ],
  ];
  it.each(texts)('%j is judged as vector_in does', async (text) => {
    expect(await saysOk('vector(3)', [text], 150000)).toEqual([await casts(text, 'vector(3)')]);
  });
});

describe('other conversions', () => {
  const numbers = ['0', '1.5', '-2147483648.5', '-2147483648.4', '2147483647.5', '2147483647.4', '1e300'];
  it.each(numbers)('numeric %s to integer as the cast does', async (text) => {
    const check = castCheck('numeric', 'integer', `${text}::numeric`, 150000);
    const ok = check.kind === 'test' ? check.ok : '';
    const { rows } = await fixture.db.query<{ ok: boolean }>(`SELECT (${ok}) AS ok`);
    expect(rows[0]?.ok).toBe(await castsFrom(text, 'numeric', 'integer'));
  });

  it.each([...numbers, 'NaN', 'Infinity'])('float8 %s to integer as the cast does', async (text) => {
    const check = castCheck('double precision', 'integer', `'${text}'::float8`, 150000);
    const ok = check.kind === 'test' ? check.ok : '';
    const { rows } = await fixture.db.query<{ ok: boolean }>(`SELECT (${ok}) AS ok`);
    expect(rows[0]?.ok).toBe(await castsFrom(text, 'float8', 'integer'));
  });

  it.each(['1', '"1"', 'true', 'null', '1e400', '[1]', '3000000000'])('jsonb %s to integer', async (text) => {
    const check = castCheck('jsonb', 'integer', `'${text}'::jsonb`, 180000);
    const ok = check.kind === 'test' ? check.ok : '';
    const { rows } = await fixture.db.query<{ ok: boolean }>(`SELECT (${ok}) AS ok`);
    expect(rows[0]?.ok).toBe(await castsFrom(text, 'jsonb', 'integer'));
  });

  it('a text that is too long is cut by a cast and refused by a column, trailing spaces apart', async () => {
    await fixture.db.exec('CREATE TABLE short (v varchar(3))');
    for (const text of ['abc', 'abcd', 'abc   ', 'äöü', '🙂🙂🙂🙂', 'ab  c']) {
      const check = assignCheck('text', 'character varying(3)', `'${text}'::text`, 150000);
      const ok = check.kind === 'test' ? check.ok : '';
      const { rows } = await fixture.db.query<{ ok: boolean }>(`SELECT (${ok}) AS ok`);
      const stored = await fixture.db.query('INSERT INTO short VALUES ($1)', [text]).then(
        () => true,
        () => false,
      );
      expect([text, rows[0]?.ok]).toEqual([text, stored]);
    }
    expect(castCheck('text', 'character varying(3)', 'v', 150000).kind).toBe('cut');
    expect(castCheck('text', 'text', 'v', 150000).kind).toBe('safe');
    expect(castCheck('text', 'mood', 'v', 180000).kind).toBe('gap');
  });
});

async function castsFrom(text: string, from: string, to: string): Promise<boolean> {
  return fixture.db.query(`SELECT CAST($1::text::${from} AS ${to})`, [text]).then(
    () => true,
    () => false,
  );
}
