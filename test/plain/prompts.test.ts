import { build } from 'esbuild';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPty, type Pty } from '../e2e/support/pty.ts';

// Inside the project, so that packages are found.
const folder = fileURLToPath(
  new URL(`../../node_modules/.cache/backout-prompts-${process.pid}/`, import.meta.url),
);
const program = join(folder, 'program.js');
let pty: Pty | null = null;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
});
afterEach(async () => {
  await pty?.dispose();
  pty = null;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(kind: 'cursor' | 'lines'): Pty {
  pty = startPty({
    command: process.execPath,
    args: [program, kind],
    ...(kind === 'lines' ? { env: { TERM: 'dumb' } } : {}),
  });
  return pty;
}

describe('inquirer prompts in a terminal', () => {
  it('Enter takes the harmless answer, everywhere', async () => {
    const terminal = start('cursor');
    await terminal.waitFor(/Which\?[^]*Alpha[^]*❯ Beta/);
    await terminal.press('enter');
    await terminal.waitFor(/Run it\?[^]*❯ No: do not run/);
    await terminal.press('enter');
    await terminal.waitFor('Type the name.');
    await terminal.press('enter');
    await terminal.waitFor('Working');
    await terminal.press('ctrl-c');
    await terminal.waitFor(/Go on\?[^]*❯ Go on/);
    await terminal.press('enter');
    await terminal.waitFor(/said start q:choice=b q:confirm=no q:typed= cancel q:last=next/);
    expect((await terminal.exit).exitCode).toBe(0);
  });

  it('takes picked and typed answers, shows what is not possible and why', async () => {
    const terminal = start('cursor');
    const first = await terminal.waitFor(/❯ Beta/);
    expect(first).toContain('no backup');
    expect(first).toContain('a step has run');
    expect(first).toContain('the harmless one');
    await terminal.press('up');
    await terminal.waitFor(/❯ Alpha/);
    await terminal.press('enter');
    await terminal.waitFor(/❯ No/);
    await terminal.press('down');
    await terminal.waitFor(/❯ Yes: run/);
    await terminal.press('enter');
    await terminal.waitFor('Type the name.');
    await terminal.type('orders');
    await terminal.waitFor(/Type the name\. orders/);
    await terminal.press('enter');
    await terminal.waitFor('Working');
    await terminal.press('ctrl-c');
    await terminal.waitFor(/❯ Go on/);
    await terminal.press('enter');
    await terminal.waitFor(/said start q:choice=a q:confirm=yes q:typed=orders cancel q:last=next/);
    expect((await terminal.exit).exitCode).toBe(0);
  });

  it('Ctrl-C at a question asks to leave, and :leave does where text is typed', async () => {
    const terminal = start('cursor');
    await terminal.waitFor(/❯ Beta/);
    await terminal.press('ctrl-c');
    await terminal.waitFor(/❯ No/);
    await terminal.press('ctrl-c');
    await terminal.waitFor(':leave (does leave)');
    await terminal.type(':leave');
    await terminal.waitFor(/Type the name\. :leave/);
    await terminal.press('enter');
    await terminal.waitFor('Working');
    await terminal.press('ctrl-c');
    await terminal.waitFor(/❯ Go on/);
    await terminal.press('enter');
    await terminal.waitFor(/said start leave leave leave cancel q:last=next/);
  });
});

it('Ctrl-D at a question is an operator who has gone: it leaves', async () => {
  const terminal = start('cursor');
  await terminal.waitFor(/❯ Beta/);
  await terminal.type('\x04');
  await terminal.waitFor(/❯ No/);
  await terminal.type('\x04');
  await terminal.waitFor(':leave (does leave)');
  await terminal.type('\x04');
  await terminal.waitFor('Working');
  await terminal.press('ctrl-c');
  await terminal.waitFor(/❯ Go on/);
  await terminal.press('enter');
  await terminal.waitFor(/said start leave leave leave cancel q:last=next/);
});

describe('numbered lines, for a terminal that cannot move its cursor', () => {
  it('asks by number, refuses what is not possible, and sends no escape sequence', async () => {
    const terminal = start('lines');
    await terminal.waitFor(/2\) Beta \(the harmless one\) \[Enter\]/);
    await terminal.type('3\n');
    await terminal.waitFor('That is not possible now: no backup');
    await terminal.type('9\n');
    await terminal.waitFor('Type a number from 1 to 5.');
    await terminal.type('1\n');
    await terminal.waitFor(/1\) No: do not run \[Enter\]/);
    await terminal.type('2\n');
    await terminal.waitFor('Type the name.');
    await terminal.type('orders\n');
    await terminal.waitFor(/^Working$/m);
    await terminal.press('ctrl-c');
    await terminal.waitFor(/1\) Go on \[Enter\]/);
    await terminal.type('\n');
    await terminal.waitFor(/said start q:choice=a q:confirm=yes q:typed=orders cancel q:last=next/);
    expect((await terminal.exit).exitCode).toBe(0);
    expect(terminal.raw()).not.toContain('\u001b');
  });

  it('Ctrl-C at a question asks to leave', async () => {
    const terminal = start('lines');
    await terminal.waitFor('2) Beta');
    await terminal.press('ctrl-c');
    await terminal.waitFor(/1\) No: do not run \[Enter\]/);
    await terminal.press('ctrl-c');
    await terminal.waitFor('Type the name.');
    await terminal.type('orders\n');
    await terminal.waitFor(/^Working$/m);
    await terminal.press('ctrl-c');
    await terminal.waitFor(/1\) Go on/);
    await terminal.type('\n');
    await terminal.waitFor(/said start leave leave q:typed=orders cancel q:last=next/);
  });
});
