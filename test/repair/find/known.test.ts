/** What has no SQL of its own, and what another runbook's entry advises: told truly, on a real server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runs } from '../../cli/support/rolled-back.ts';
import { openWard, repairOfId, type Ward } from './support.ts';

let ward: Ward;

afterEach(() => ward.clear());

const lines = ({ notes }: Awaited<ReturnType<Ward['look']>>): string[] =>
  notes.flatMap(({ title, lines: all, table }) => [
    title,
    ...all,
    ...(table?.rows ?? []).map((row) => row.join(' | ')),
  ]);

describe('with the runbook that ships', () => {
  beforeEach(async () => {
    ward = await openWard();
  });

  it('a table that does not exist opens the entry on it; the position is read and the rest goes on', async () => {
    // As a paste of Step 1's first statements left it: the rename is done.
    await ward.exec('ALTER TABLE codebase_snapshots RENAME TO detection_events');
    const { prerequisites } = await ward.look();
    expect(prerequisites.find(({ id }) => id === 'state')).toMatchObject({
      status: 'warn',
      troubleshooting: 'Rollback fails with "table does not exist"',
    });
    expect((await ward.back(['--accept', 'state'])).status).toBe(0);
  });

  it('what is rolled back already opens the same entry', async () => {
    expect((await ward.back()).status).toBe(0);
    const again = await ward.back();
    expect(again.status).toBe(10);
    expect(again.out).toContain('The runbook\'s troubleshooting: Rollback fails with "table does not exist"');
  });

  it('tables of another owner: whose they are, and the statements that somebody else has to run', async () => {
    const role = `${ward.database.name}_ops`;
    await ward.exec(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO ${role};
      GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}; GRANT CREATE ON DATABASE ${ward.database.name} TO ${role}`);
    const url = new URL(ward.database.url);
    url.username = role;
    url.password = 'x';
    try {
      const refused = await ward.desk.run([
        ...['run', '--choose', 'rollback', '--database', url.href],
        ...['--confirm', ward.database.name, '--accept', 'backup'],
      ]);
      expect(refused.status).toBe(10);
      expect(refused.out).toContain('owned by postgres');
      expect(refused.out).toContain(`GRANT postgres TO ${role};`);
      expect(refused.out).toContain(`ALTER TABLE public.codebase_snapshots OWNER TO ${role};`);
    } finally {
      await ward.exec(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

const RUNBOOK = `# Orders: rollback of the split

## Step 1: Bring the type back

\`\`\`sql
ALTER TABLE orders ADD COLUMN note citext;
\`\`\`

## Step 2: Codes are unique again

\`\`\`sql
ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers (id);
\`\`\`

## Troubleshooting

### Issue: Orders of nobody

**Cause:** SQLSTATE 23503: an order names a customer that is gone.

**Solution:**
Give them to the house account:

\`\`\`sql
UPDATE orders SET customer = 0 WHERE NOT EXISTS (SELECT 1 FROM customers AS c WHERE c.id = orders.customer);
\`\`\`

\`\`\`bash
echo "tell the shop"
\`\`\`

### Issue: The extension is not installed

**Cause:** The type citext is missing.

**Solution:** Ask the database team.
`;

describe('with any other runbook', () => {
  beforeEach(async () => {
    ward = await openWard(RUNBOOK);
    await ward.exec(`CREATE TABLE customers (id int PRIMARY KEY); INSERT INTO customers VALUES (0), (1);
      CREATE TABLE orders (id int PRIMARY KEY, customer int); INSERT INTO orders VALUES (1, 1), (2, 99)`);
  });

  it('a missing type: its entry opens, and the extension is made where that is allowed', async () => {
    const looked = await ward.look();
    expect(looked.prerequisites.find(({ id }) => id === 'extension')).toMatchObject({
      status: 'fail',
      troubleshooting: 'The extension is not installed',
    });
    const available = await ward.rows(`SELECT 1 FROM pg_available_extensions WHERE name = 'citext'`);
    if (available.length === 0) {
      expect(lines(looked).join('\n')).toContain('No extension citext is on the server');
      return;
    }
    const repair = repairOfId(looked, 'extension:citext');
    expect(repair.careful.join(' ')).toContain('An undo leaves the extension there');
    const mended = await ward.mend([repair]);
    expect(mended.status, mended.out + mended.err).toBe(0);
    expect((await ward.look()).prerequisites.find(({ id }) => id === 'extension')?.status).toBe('pass');
  });

  it('a key that rows violate: the entry that spells the SQLSTATE opens, its SQL is a repair, its command is not', async () => {
    await ward.clear();
    ward = await openWard(RUNBOOK.replace('citext', 'text'));
    await ward.exec(`CREATE TABLE customers (id int PRIMARY KEY); INSERT INTO customers VALUES (0), (1);
      CREATE TABLE orders (id int PRIMARY KEY, customer int); INSERT INTO orders VALUES (1, 1), (2, 99)`);
    const failed = await ward.back(['--accept', 'migration-recorded']);
    expect(failed.status, failed.out + failed.err).toBe(12);
    expect(failed.out).toContain("The runbook's troubleshooting: Orders of nobody");
    expect(failed.out).toContain('Run what the runbook advises: Orders of nobody');
    const looked = await ward.fail('step-2');
    const repair = repairOfId(looked, 'entry:orders-of-nobody:1');
    expect(repair.sql).not.toContain('echo');
    expect(repair.recommended).toBe(false);
    const [rollback = ''] = await runs(ward);
    expect((await ward.mend([repair], [], rollback)).status).toBe(0);
    expect(await ward.rows('SELECT customer FROM orders ORDER BY id')).toEqual([
      { customer: 1 },
      { customer: 0 },
    ]);
    const again = await ward.confirmed(['resume', rollback], ['migration-recorded', 'state']);
    expect(again.status, again.out + again.err).toBe(0);
  });
});
