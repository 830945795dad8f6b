/** The runbook that `backout init` writes. Pure. */
import type { Runbook } from './types.ts';

/** A fence longer than any within the text (CommonMark 0.31, section 4.5). */
function fenced(sql: string): string {
  const longest = Math.max(2, ...[...sql.matchAll(/^\s*(`{3,})/gm)].map(([, ticks = '']) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${sql.trim()}\n${fence}`;
}

const NOTHING_YET = '-- FILL IN: the statements that take the migration back, in order.';

/**
 * @param from a migration tool's file, whose way down becomes the first step; null: the step is left open
 */
export function templateOf(from: Runbook | null): string {
  const blocks = (from?.steps ?? []).flatMap((step) => step.blocks.map(({ text }) => text));
  const name = from?.migration
    ? [from.migration.version, from.migration.name].filter(Boolean).join('_')
    : null;
  return `# Rollback of ${name ?? 'FILL IN: the migration'}

Migration: \`${name ?? 'FILL IN: version and name, as its file has them'}\`

## Prerequisites

- The application that needs the new schema is stopped, or deployed back.
- There is a backup, and somebody has looked into it (\`backout backup --inspect\`).

## Rollback steps

### Step 1: ${from ? 'Take the migration back' : 'FILL IN: what it restores'}

${(blocks.length > 0 ? blocks : [NOTHING_YET]).map(fenced).join('\n\n')}

## Verification

\`\`\`sql
\\dt FILL_IN_A_TABLE_THAT_MUST_BE_THERE
\`\`\`

## Troubleshooting

### Issue: A step waits for a lock

**Cause:** A session has had a transaction open for long.

**Solution:** Let it end, or end it; the step is tried again.

## When to roll back vs. fix forward

### Rollback if

- Nothing that matters was written with the new schema

### Fix forward if

- Rolling back would lose what was written since

## Escalation

Call NAME, PHONE.

## Checklist

- [ ] The application runs without errors
`;
}
