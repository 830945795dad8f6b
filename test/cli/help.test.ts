import { describe, expect, it } from 'vitest';
import { commandTable, helpText, synopsis } from '../../src/commands/help.ts';
import { COMMANDS, OPTIONS, optionsOf } from '../../src/commands/table.ts';

describe('help', () => {
  it('the overview names every command and how to see more', () => {
    const text = helpText(null);
    for (const command of COMMANDS) expect(text).toContain(synopsis(command));
    expect(text).toContain('--version');
    expect(text).toContain('backout COMMAND --help');
    expect(text.indexOf('Examples')).toBeLessThan(text.indexOf('Commands'));
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s: every option, an example, and every exit status',
    (name, command) => {
      const text = helpText(name);
      const unwrapped = text.replaceAll(/\s+/g, ' ');
      for (const option of optionsOf(command)) expect(text).toContain(`--${option.name}`);
      for (const example of command.examples) expect(text).toContain(example);
      for (const [status, meaning] of command.exits) expect(unwrapped).toContain(` ${status} ${meaning}`);
      expect(text).toContain('Exit status:');
      for (const { name: other } of OPTIONS.filter(
        ({ name: one }) => !optionsOf(command).some((own) => own.name === one),
      )) {
        // What another command takes is not offered here.
        expect(text).not.toMatch(new RegExp(`^  (-h, )?--${other}(?![\\w-])`, 'm'));
      }
    },
  );

  it('fits a terminal of 100 columns, URLs and examples aside', () => {
    for (const command of [null, ...COMMANDS.map(({ name }) => name)]) {
      for (const line of helpText(command).split('\n')) {
        if (!line.includes('postgresql://')) expect(line.length).toBeLessThanOrEqual(100);
      }
    }
  });

  it('offers the rehearsal before the run', () => {
    const text = helpText(null);
    expect(text.indexOf('backout rehearse')).toBeGreaterThan(0);
    expect(text.indexOf('backout rehearse')).toBeLessThan(text.indexOf('backout run'));
  });
});

describe('the table for the README', () => {
  it('has a row for each command and each option', () => {
    const table = commandTable();
    for (const command of COMMANDS) expect(table).toContain(`| \`${synopsis(command)}\` |`);
    for (const option of OPTIONS) expect(table).toContain(`--${option.name}`);
  });

  it('escapes what would end a cell', () => {
    expect(commandTable()).toContain('ID=yes\\|no\\|unknown');
    for (const line of commandTable().split('\n').filter(Boolean)) {
      expect(line.replaceAll('\\|', '').split('|').length).toBeGreaterThanOrEqual(4);
    }
  });
});
