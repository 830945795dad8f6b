/** Constants as SQL says them and as PostgreSQL 15 was seen to store them, with the time zone UTC. */
import { beforeAll, describe, expect, it } from 'vitest';
import { sameExpression } from '../../src/sql/parse-render.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

describe('a default is the same as the server stores it', () => {
  it.each([
    [`'1970-01-01 00:00:00'::timestamptz`, `'1970-01-01 00:00:00+00'::timestamp with time zone`],
    [`'2020-01-01'`, `'2020-01-01 00:00:00+00'::timestamp with time zone`],
    [`'2020-01-01 00:00:00+02'`, `'2019-12-31 22:00:00+00'::timestamp with time zone`],
    [`'epoch'`, `'1970-01-01 00:00:00+00'::timestamp with time zone`],
    [`'2020-01-01 10:00'`, `'2020-01-01 10:00:00'::timestamp without time zone`],
    [`'10:00'`, `'10:00:00'::time without time zone`],
    [`'24 hours'`, `'24:00:00'::interval`],
    [`'t'`, 'true'],
    [`'{"b":1,"a":[1,2]}'::jsonb`, `'{"a": [1, 2], "b": 1}'::jsonb`],
    [`'{"a","b c"}'`, `'{a,"b c"}'::text[]`],
    [`'{1, 2}'`, `'{1,2}'::integer[]`],
  ])('%s', (said, stored) => expect(sameExpression(stored, said)).toBe(true));
});

describe('and another where its value is', () => {
  it.each([
    [`'2020-01-01'`, `'2020-01-01 01:00:00+00'::timestamp with time zone`],
    [`'2020-01-01 00:00:00.1234565'`, `'2020-01-01 00:00:00.123457'::timestamp without time zone`],
    [`'1 day'`, `'24:00:00'::interval`],
    [`'-01:00'`, `'01:00:00'::interval`],
    [`'1.5 hours'`, `'05:00:00'::interval`],
    [`'{"a":1.0}'`, `'{"a": 1}'::jsonb`],
    [`'{"a": 1}'`, `'[["a", 1]]'::jsonb`],
    [`'{"a": 1}'`, `'{"a":1}'::json`],
    [`'{null}'`, `'{"null"}'::text[]`],
    [`'t'`, `'true'::text`],
    [`'f'`, 'true'],
  ])('%s', (said, stored) => expect(sameExpression(stored, said)).toBe(false));
});
