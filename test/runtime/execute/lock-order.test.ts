/** One order of locks for all runs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockOrder } from '../../../src/sql/execute/lock-order.ts';
import type { StepLocks } from '../../../src/sql/procedure/types.ts';

const lock = (table: string, level: StepLocks['level'] = 'ACCESS EXCLUSIVE'): StepLocks => ({ table, level });
const all = (): boolean => true;

describe('the locks of several procedures', () => {
  it('are taken once on each table, at their strongest, versions first, then by name', () => {
    const wanted = [
      lock('schema_migrations', 'SHARE ROW EXCLUSIVE'),
      lock('b', 'SHARE ROW EXCLUSIVE'),
      lock('a'),
      lock('b'),
      lock('a', 'ROW EXCLUSIVE'),
    ];
    expect(lockOrder(wanted, ['schema_migrations'], all)).toEqual([
      lock('schema_migrations', 'SHARE ROW EXCLUSIVE'),
      lock('a'),
      lock('b'),
    ]);
  });

  it('leave out what is not there yet', () => {
    expect(lockOrder([lock('a'), lock('later')], [], ({ table }) => table !== 'later')).toEqual([lock('a')]);
  });

  it('tell tables of the same name in two schemas apart', () => {
    const wanted = [lock('a'), { ...lock('a'), schema: 'other' }];
    expect(lockOrder(wanted, [], all)).toHaveLength(2);
  });

  it('come in the same order whatever the order they were asked for in', () => {
    const tables = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'v', 'w'));
    fc.assert(
      fc.property(tables, tables, (one, two) => {
        const order = (names: string[]) =>
          lockOrder(
            names.map((name) => lock(name)),
            ['w', 'v'],
            all,
          );
        const common = one.filter((name) => two.includes(name));
        const seen = (names: string[]) =>
          order(names)
            .map(({ table }) => table)
            .filter((name) => common.includes(name));
        expect(seen(one)).toEqual(seen(two));
      }),
    );
  });
});
