/** Names with their schema, as the plan of a run knows them. Pure: no database. */
import { beforeAll, describe, expect, it } from 'vitest';
import { elsewhereOf, localPlan } from '../../src/sql/elsewhere.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { renderStatement } from '../../src/sql/parse-render.ts';
import { planFromSql, wordsOf } from '../../src/sql/plan.ts';
import type { Catalog, Effect, Table } from '../../src/sql/types.ts';

beforeAll(() => loadParser());

const table = (schema: string, name: string, indexes: string[] = []): Table => ({
  schema,
  name: schema === 'public' ? name : `${schema}.${name}`,
  ...(schema === 'public' ? {} : { bare: name }),
  oid: 1,
  kind: 'r',
  owner: '',
  estimatedRows: 0,
  bytes: 0,
  columns: [],
  constraints: [],
  indexes: indexes.map((index) => ({
    name: index,
    definition: '',
    columns: [],
    unique: false,
    primary: false,
    valid: true,
  })),
});

const catalogOf = (sql: string, tables: Table[]): Catalog => ({
  schema: 'public',
  tables: Object.fromEntries(tables.map((one) => [one.name, one])),
  elsewhere: elsewhereOf(planFromSql(sql), 'public'),
});

function local(sql: string, tables: Table[] = []) {
  const plan = planFromSql(sql);
  const [statement] = localPlan(plan, catalogOf(sql, tables)).steps[0]?.statements ?? [];
  if (!statement) throw new Error('no statement');
  return statement;
}
const effect = (sql: string, tables: Table[] = []): Effect | undefined => local(sql, tables).effects[0];

describe('a name in the run’s own schema', () => {
  it.each([
    [
      'UPDATE public.t SET a = u.b FROM public.u WHERE u.id = t.id',
      'UPDATE t SET a = u.b FROM u WHERE u.id = t.id',
    ],
    [
      'ALTER TABLE public.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES public.u (id)',
      'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id)',
    ],
    ['DROP INDEX public.i', 'DROP INDEX i'],
    ['DROP TABLE IF EXISTS public.t', 'DROP TABLE IF EXISTS t'],
    ['ALTER TABLE public.t ADD COLUMN a public.vector(3)', 'ALTER TABLE t ADD COLUMN a vector(3)'],
    ['COMMENT ON COLUMN public.t.a IS NULL', 'COMMENT ON COLUMN t.a IS NULL'],
  ])('%s says what it says without it', (written, bare) => {
    expect(local(written).effects).toEqual(local(bare).effects);
    expect(local(written).sql).toBe(written);
  });

  it('stays where without it another would be meant', () => {
    const hidden = 'WITH t AS (SELECT 1 AS id) DELETE FROM u USING t, public.t AS p WHERE u.id = p.id';
    expect(effect(hidden)).toMatchObject({ kind: 'delete', table: 'u' });
    expect(renderStatement(local(hidden).tree)).toContain('public.t AS p');
  });
});

describe('a name in another schema', () => {
  it('is one name in the effects, and both names in what is sent', () => {
    const sql = 'DELETE FROM auth.users WHERE id IN (SELECT o.who FROM auth.old AS o)';
    expect(effect(sql)).toMatchObject({
      kind: 'delete',
      table: 'auth.users',
      reads: ['auth.old'],
      bare: 'users',
    });
    expect(effect(sql)).not.toHaveProperty('schema');
    const sent = renderStatement(local(sql).tree);
    expect(sent).toContain('FROM auth.users AS users');
    expect(sent).toContain('auth.old AS o');
  });

  it('has the schema after a rename too', () => {
    expect(effect('ALTER TABLE auth.users RENAME TO people')).toMatchObject({
      from: 'auth.users',
      to: 'auth.people',
    });
  });

  it('is no index of ours: a name that both have is left as it is', () => {
    const drop = 'DROP INDEX auth.i';
    expect(effect(drop, [table('auth', 'users', ['i'])])).not.toHaveProperty('schema');
    expect(effect(drop, [table('auth', 'users', ['i']), table('public', 't', ['i'])])).toMatchObject({
      schema: 'auth',
    });
    expect(elsewhereOf(planFromSql('DROP INDEX i; DROP TABLE auth.users'), 'public')).toEqual({
      'auth.users': { schema: 'auth', name: 'users', hidden: ['i'] },
    });
  });

  it('is not looked for in the server’s own schemas', () => {
    expect(
      elsewhereOf(planFromSql('SELECT 1 FROM pg_catalog.pg_class, information_schema.tables'), 'public'),
    ).toEqual({});
  });

  it('is said with its schema', () => {
    const [statement] = planFromSql('DELETE FROM auth.users WHERE id = 1').steps[0]?.statements ?? [];
    expect(statement && wordsOf(statement)).toBe('Deletes rows of auth.users');
  });
});
