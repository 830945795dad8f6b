/** Values that a runbook leaves open, on the command line: what is missing is told before anything is connected. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDesk, type Desk } from './support/io.ts';

let desk: Desk;
let path: string;

beforeEach(async () => {
  desk = await openDesk();
  path = join(desk.folder, 'r.md');
  await writeFile(
    path,
    "# R\n\n## Step 1: Do\n\n```sql\nDELETE FROM a WHERE tenant = :'tenant' AND t < <days>;\n```\n",
  );
});
afterEach(() => desk.clear());

const given = [
  '--database',
  'postgresql://127.0.0.1:1/nobody',
  '--confirm',
  'nobody',
  '--choose',
  'rollback',
];

it('names what is missing with the option that gives it, and what is given in vain', async () => {
  const none = await desk.run(['run', path, ...given]);
  expect(none).toMatchObject({ status: 64, out: '' });
  expect(none.err).toContain("leaves open :'tenant' (line 6), <days> (line 6)");
  expect(none.err).toContain('--set tenant=VALUE --set days=VALUE');
  const some = await desk.run(['run', path, ...given, '--set', 'tenant=a', '--set', 'week=1']);
  expect(some).toMatchObject({ status: 64 });
  expect(some.err).toContain('--set week');
  const plan = await desk.run(['plan', path, '--database', given[1] ?? '', '--set', 'tenant=a']);
  expect(plan).toMatchObject({ status: 64 });
  expect(plan.err).toContain('--set days=VALUE');
});

it('goes on to connect once all are given', async () => {
  const all = ['--set', 'tenant=a', '--set', "days=now() - '3 days'::interval"];
  expect(await desk.run(['status', path, '--database', given[1] ?? '', ...all])).toMatchObject({
    status: 69,
  });
});

it('lint needs none, and names what will be asked for until it is given', async () => {
  const { status, out } = await desk.run(['lint', path, '--set', 'tenant=a']);
  expect(status).toBe(0);
  expect(out.match(/\[value-asked\].*/g)).toEqual([expect.stringContaining('<days>')]);
});
