/** The entry of the bundle: words to command, command to exit status. Loads no more than the command needs. */
import { parseCommandLine, type Parsed } from './commands/args.ts';
import { helpText } from './commands/help.ts';
import { processIo, type Io, type Started } from './commands/io.ts';
import { EXIT } from './exit.ts';
import { leaveWithoutTerminal } from './terminal/gone.ts';
import { tolerateClosedPipes } from './terminal/streams.ts';

type Command = Extract<Parsed, { kind: 'command' }>;

/** One dynamic import a command: what a command does not use is not loaded. */
async function perform(io: Io, { command, options, positional }: Command): Promise<number> {
  switch (command) {
    case 'wizard':
      return (await import('./commands/wizard.ts')).wizardCommand(io, options, positional);
    case 'practice':
      if (options.record) {
        const { practiceRecordCommand } = await import('./commands/practice-record.ts');
        return practiceRecordCommand(io, options, options.record.handedOver);
      }
      return (await import('./commands/practice.ts')).practiceCommand(io, options, positional);
    case 'plan':
      return (await import('./commands/plan.ts')).planCommand(io, options);
    case 'status':
      return (await import('./commands/status.ts')).statusCommand(io, options);
    case 'rehearse':
      return (await import('./commands/rehearse.ts')).rehearseCommand(io, options);
    case 'run':
      return (await import('./commands/run.ts')).runCommand(io, options);
    case 'verify':
      return (await import('./commands/verify.ts')).verifyCommand(io, options);
    case 'resume':
      return (await import('./commands/resume.ts')).resumeCommand(io, options, positional);
    case 'undo':
      return (await import('./commands/undo.ts')).undoCommand(io, options, positional);
    case 'purge':
      return (await import('./commands/purge.ts')).purgeCommand(io, options, positional ?? '');
    case 'backup':
      return (await import('./commands/backup.ts')).backupCommand(io, options, positional);
    case 'escalate':
      return (await import('./commands/escalate.ts')).escalateCommand(io, options, positional);
    case 'report':
      return (await import('./commands/report.ts')).reportCommand(io, options, positional);
    case 'runs':
      return (await import('./commands/runs.ts')).runsCommand(io, options);
    case 'init':
      return (await import('./commands/init.ts')).initCommand(io, options, positional);
    case 'lint':
      return (await import('./commands/lint.ts')).lintCommand(io, options, positional ?? '');
  }
}

async function dispatch(io: Io, argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv);
  if (parsed.kind === 'command') return perform(io, parsed);
  await io.out(parsed.kind === 'version' ? `backout ${io.version}\n` : helpText(parsed.command));
  return EXIT.ok;
}

/** Runs a command line with what `io` offers; whatever goes wrong is said on standard error. Never throws. */
export async function runCommandLine(io: Io, argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(io, argv);
  } catch (error) {
    const { tell } = await import('./commands/failure.ts');
    const told = await tell(error);
    await io.err(`${told.text}`);
    return told.exitStatus;
  }
}

/** What `bin/backout.js` calls. Returns the exit status once everything is closed. */
export async function main({ argv, version, root }: Started): Promise<number> {
  leaveWithoutTerminal();
  tolerateClosedPipes();
  return runCommandLine(processIo({ version, root }), argv);
}
