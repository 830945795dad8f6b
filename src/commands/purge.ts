/** `backout purge RUN`: shows what is kept of a run and would go for good, and drops it when that is typed. */
import { EXIT, UserError } from '../exit.ts';
import { counted } from '../journal/words.ts';
import { askerFor } from '../plain/surface.ts';
import { bytes } from '../postgres/activity.ts';
import { purge, purgePlan, type PurgePlan } from '../postgres/store.ts';
import type { Block, Question } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { withDatabase } from './database.ts';
import { databaseRuns } from './database-runs.ts';
import { toJson } from './document.ts';
import { runNamed } from './find-run.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';
import { textOf } from './text.ts';

const heading = (text: string): Block => ({ kind: 'heading', text });
const text = (words: string): Block => ({ kind: 'text', spans: [{ text: words, tone: 'plain' }] });

/** What would go, object by object, and the very statements. */
export function purgeBlocks(plan: PurgePlan, database: string): Block[] {
  const rows = plan.objects.map((object) => [
    object.step,
    object.object,
    object.kind,
    object.rows === null ? '-' : object.rows.toLocaleString('en-US'),
    object.bytes === 0 ? '-' : bytes(object.bytes),
    object.archived ?? '-',
  ]);
  return [
    heading(`What database ${database} keeps of run ${plan.run}, and what would go for good`),
    {
      kind: 'table',
      columns: ['step', 'object', 'kept', 'rows', 'size', 'name in backout_archive'],
      rows,
      align: ['left', 'left', 'left', 'right', 'right', 'left'],
    },
    text(
      `${counted(plan.objects.length, 'object')}, ${bytes(plan.bytes)}. Run ${plan.run} cannot be undone after that.`,
    ),
    ...plan.statements.map((sql): Block => ({ kind: 'sql', sql })),
  ];
}

/** Asked in lines; Enter, anything else and the end of input are a no. */
async function typed(io: Io, run: string): Promise<boolean> {
  const question: Question = {
    kind: 'typed',
    id: 'purge',
    prompt: `To drop this for good, type the id of the run, ${run}. Enter drops nothing.`,
    expected: run,
  };
  const ask = await askerFor({
    streams: { input: io.streams.stdin, output: io.streams.stdout },
    cursor: io.interactive && !io.dumb && !io.screenReader,
    say: io.out,
  });
  const reply = await ask({
    screen: { question, actions: [] },
    state: { leaving: false },
    withdrawn: new AbortController().signal,
  });
  return reply?.event.type === 'answer' && reply.event.value === run;
}

function checkAsked(io: Io, options: Options): void {
  if (options.confirm !== undefined || io.keyboard) return;
  throw new UserError(
    'backout purge asks before it drops anything, and there is no terminal on standard input.',
    'Nothing was dropped. Without a terminal, give --confirm RUN.',
    EXIT.usage,
  );
}

export async function purgeCommand(io: Io, options: Options, wanted: string): Promise<number> {
  checkAsked(io, options);
  const say = options.json ? io.err : io.out;
  return withDatabase(io, connectionOf(io, options), async (session, database) => {
    const { run } = runNamed(await databaseRuns(session), wanted);
    const plan = await purgePlan(session, run);
    const tell = async (dropped: boolean): Promise<void> => {
      if (options.json) await io.out(toJson({ schema: 'backout.purge/1', database, ...plan, dropped }));
    };
    if (plan.refused.length > 0) {
      throw new UserError(plan.refused.join(' '), 'Nothing was dropped.', EXIT.prerequisiteFailed);
    }
    if (plan.statements.length === 0) {
      await say(`Nothing is kept of run ${run} any more.\n`);
      await tell(false);
      return EXIT.ok;
    }
    await say(textOf(purgeBlocks(plan, database)));
    if (options.confirm !== undefined && options.confirm !== run) {
      throw new UserError(
        `--confirm says ${options.confirm}, but the run is ${run}.`,
        `Nothing was dropped. Give --confirm ${run} if that is the one you mean.`,
        EXIT.usage,
      );
    }
    if (options.confirm === undefined && !(await typed(io, run))) {
      await say('Nothing was dropped.\n');
      return EXIT.declined;
    }
    await purge(session, plan);
    await say(`Dropped: ${counted(plan.objects.length, 'object')}, ${bytes(plan.bytes)}.\n`);
    await tell(true);
    return EXIT.ok;
  });
}
