/** `backout practice`: the wizard on an embedded database; without a terminal it plays itself. */
import { EXIT, UserError } from '../exit.ts';
import { chance } from '../practice/literal.ts';
import { createSpares, type Spares } from '../practice/spare.ts';
import { connectionNames, withhold } from '../shell/run.ts';
import type { ListChoice } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { beginRun, rollbackBy, type Place } from './begin.ts';
import type { Io } from './io.ts';
import { runUnasked } from './unasked.ts';
import { runbookPath } from './load.ts';
import { checkTerminal } from './walk.ts';

const PLAYS_ITSELF = [
  'PRACTICE on an embedded database. There is no terminal here, so nobody can answer:',
  'backout plays itself, with scripted answers. Every statement really runs; no database of yours is touched.',
];

async function playItself(io: Io, options: Options, place: Place): Promise<number> {
  await io.out(`${PLAYS_ITSELF.join('\n')}\n`);
  const { practiceAnswers } = await import('../practice/script.ts');
  const begun = await beginRun(io, {
    options,
    subject: rollbackBy(io, options, null),
    place,
    surface: 'self-play',
  });
  const answered = new Set<string>();
  return runUnasked(io, begun, io.out, async ({ screen: { question }, state }) => {
    if (answered.has(question.id)) throw new Error(`the scripted answer to ${question.id} was not taken`);
    answered.add(question.id);
    const value = practiceAnswers(question, state);
    return {
      event: { type: 'answer', question: question.id, value },
      ...(question.kind === 'continue' ? {} : { said: `${value} (scripted)` }),
    };
  });
}

/** With an operator: from the list into a drill, or straight into the one that was named. */
async function withOperator(
  io: Io,
  options: Options,
  spares: Spares,
  choice: ListChoice | null,
): Promise<number> {
  checkTerminal(io, options);
  const [{ reachedBy, usableDrills }, { practise }, { fromHere, stagedFor }] = await Promise.all([
    import('./practice-open.ts'),
    import('./practice-walks.ts'),
    import('./practice-staged.ts'),
  ]);
  const here = fromHere(io, options);
  const { drills, broken } = await usableDrills(runbookPath(io, options, null));
  return practise(io, here, {
    drills,
    broken,
    first: drills.length + broken.length === 0 ? { kind: 'free' } : choice,
    stage: stagedFor(io, here, spares),
    warm: () => spares.prepare(),
    reached: () => reachedBy(io),
    random: randomOf(options),
  });
}

/** The same seed draws the same drills. */
function randomOf({ seed }: Pick<Options, 'seed'>): () => number {
  return seed === undefined ? Math.random : chance(seed).next;
}

/** The drill that was named or drawn; null: none was. @throws {UserError} 64, 65 */
async function chosen(io: Io, options: Options, name: string | null): Promise<ListChoice | null> {
  if (name === null) return options.random ? { kind: 'random' } : null;
  const { drillNamed, drillsOf } = await import('../practice/drill/list.ts');
  return { kind: 'drill', id: drillNamed(await drillsOf(runbookPath(io, options, null)), name).id };
}

/** Without a terminal a drill is shown: its right play. @throws {UserError} 64, 65 */
async function show(io: Io, options: Options, spares: Spares, choice: ListChoice): Promise<number> {
  const [{ drillsOf }, { showDrill }] = await Promise.all([
    import('../practice/drill/list.ts'),
    import('./practice-show.ts'),
  ]);
  const drills = await drillsOf(runbookPath(io, options, null));
  const at = choice.kind === 'drill' ? drills.findIndex(({ id }) => id === choice.id) : -1;
  const drill = drills[at === -1 ? Math.floor(randomOf(options)() * drills.length) : at];
  if (!drill)
    throw new UserError('This runbook has no drills.', 'docs/drills.md says how to write one.', EXIT.usage);
  return showDrill(io, options, spares, drill);
}

export async function practiceCommand(io: Io, options: Options, name: string | null = null): Promise<number> {
  if (options.instructor) return (await import('./practice-instructor.ts')).instructorCommand(io, options);
  if (options.list) return (await import('./practice-list.ts')).practiceListCommand(io, options);
  if (options.checkDrill !== undefined) {
    return (await import('./practice-check.ts')).practiceCheckCommand(io, options, options.checkDrill);
  }
  // What is run from a drill's screens is told of no database either.
  const release = withhold([...connectionNames(process.env), ...connectionNames(io.env)]);
  const spares = createSpares(async () => (await import('../practice/embedded.ts')).startEmbedded());
  // Beside everything else: nobody waits for it.
  void import('../practice/left-over.ts').then(({ removeLeftOver }) => removeLeftOver());
  try {
    const choice = await chosen(io, options, name);
    if (io.interactive || (options.plain && io.keyboard))
      return await withOperator(io, options, spares, choice);
    if (choice) return await show(io, options, spares, choice);
    const { place, stop } = (await import('./practice-staged.ts')).plainPlace(io, spares);
    try {
      return await playItself(io, options, place);
    } finally {
      await stop();
    }
  } finally {
    release();
    await spares.stop();
  }
}
