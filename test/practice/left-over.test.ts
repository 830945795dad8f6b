import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderPrefix, removeLeftOver } from '../../src/practice/left-over.ts';

it('removes what a killed practice left, and nothing of one that runs or of others', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'backout-test-'));
  const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
  const mine = mkdtempSync(folderPrefix('drill', parent));
  const made = [
    `backout-practice-${gone}-abc123`,
    `backout-drill-${gone}-abc123`,
    `backout-other-${gone}-abc123`,
    `backout-practice-${gone}`,
  ];
  for (const name of made) mkdirSync(join(parent, name, 'w'), { recursive: true });
  await removeLeftOver(parent);
  expect(made.map((name) => existsSync(join(parent, name)))).toEqual([false, false, true, true]);
  expect(existsSync(mine)).toBe(true);
  rmSync(parent, { recursive: true });
});
