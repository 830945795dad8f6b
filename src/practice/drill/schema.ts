/** The front matter of a drill: which keys there are and what they hold. Crosses a boundary, so everything is checked. */
import { z } from 'zod';
import { BadMoment, parseMoment } from './moment.ts';
import { hoursOf } from './span.ts';
import { LEVELS, type Moment } from './types.ts';
import { ACTIONS, DECISIONS, OUTCOMES } from './vocabulary.ts';

const line = z.string().trim().min(1, 'a line of text is expected');

const id = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]*$/,
    'an id is expected: small letters, digits and hyphens, such as empty-backup',
  );

const moment = line.transform((text, context): Moment => {
  try {
    return parseMoment(text);
  } catch (error) {
    if (!(error instanceof BadMoment)) throw error;
    context.addIssue({ code: 'custom', message: `${error.message}. ${error.advice}` });
    return z.NEVER;
  }
});

/** A question: with or without the word `at`. */
const question = line.transform((text) => (/^at\s/.test(text) ? text : `at ${text}`)).pipe(moment);

const hours = (example: string) =>
  line.transform((text, context): number => {
    const found = hoursOf(text);
    if (found !== null) return found;
    context.addIssue({ code: 'custom', message: `a length of time is expected, such as "${example}"` });
    return z.NEVER;
  });

const score = line.transform((text, context): { from: number; to: number } => {
  const [, from = '', to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  if (from !== '' && Number(from) <= Number(to) && Number(to) <= 100)
    return { from: Number(from), to: Number(to) };
  context.addIssue({ code: 'custom', message: 'points from 0 to 100 are expected, such as 90..100' });
  return z.NEVER;
});

/** Inside the drill's own folder. */
const path = line.refine(
  (text) => !text.startsWith('/') && !text.startsWith('~') && !text.split(/[/\\]/).includes('..'),
  'a path inside the folder of the drill is expected, such as yesterday.dump',
);

const file = z.strictObject({
  path,
  content: z.string().default(''),
  age: hours('40 hours').optional(),
});

const operator = z.strictObject({ name: line, host: line, live: z.boolean().default(false) });

const event = z
  .strictObject({
    id,
    title: line,
    when: moment.optional(),
    by: z.enum(['drill', 'instructor']).default('drill'),
    sql: line.optional(),
    hold: line.optional(),
    application: line.optional(),
    until: moment.optional(),
    cut: z.enum(['before', 'after']).optional(),
    operator: operator.optional(),
  })
  .superRefine((one, context) => {
    const acts = (['sql', 'hold', 'cut', 'operator'] as const).filter((key) => one[key] !== undefined);
    const wrong = (message: string): void => context.addIssue({ code: 'custom', message });
    if (acts.length !== 1) wrong('an event does one thing: give one of sql, hold, cut and operator');
    if (one.hold === undefined && one.application !== undefined) wrong('application goes with hold');
    if (one.hold === undefined && one.until !== undefined) wrong('until goes with hold');
    if (one.when === undefined && one.by === 'drill') wrong('it needs "when", or "by: instructor"');
    if (one.cut !== undefined && one.when !== undefined && one.when.kind !== 'committing')
      wrong('the connection is cut at a COMMIT: write for example "when: committing step-1"');
    if (one.cut !== undefined && one.by === 'instructor') wrong('a cut happens at a COMMIT, not by a key');
  });

const moments = z.array(moment).min(1, 'at least one moment is expected');

const risk = z.strictObject({ id, text: line, noticed: moments });

const rule = (usual: 'check' | 'confirmation') =>
  z.strictObject({
    text: line,
    moments,
    about: z.enum(['check', 'confirmation']).default(usual),
    'before acting': z.boolean().default(false),
  });

const coachQuestion = z.strictObject({
  id,
  at: question,
  question: line,
  options: z
    .array(z.strictObject({ text: line, right: z.boolean().default(false), why: line }))
    .min(2, 'at least two options are expected')
    .refine((options) => options.some(({ right }) => right), 'one of the options has to be right: true'),
});

const answer = z
  .strictObject({
    at: question,
    say: z.union([z.string(), z.number(), z.boolean()]).transform(String).optional(),
    press: z
      .string()
      .refine((key) => ACTIONS.includes(key), `a key is expected: ${ACTIONS.join(', ')}`)
      .optional(),
  })
  .refine(
    ({ say, press }) => (say === undefined) !== (press === undefined),
    'either "say" (an answer) or "press" (a key) is expected',
  );

const play = z.strictObject({
  name: line,
  right: z.boolean().default(false),
  answers: z.array(answer).default([]),
  expect: z.strictObject({
    outcome: z.enum(OUTCOMES),
    score: z.union([z.number().transform(String), z.string()]).pipe(score),
  }),
});

export const drillSchema = z.strictObject({
  level: z.enum(LEVELS),
  minutes: z.number().positive(),
  migrated: hours('3 hours ago').default(3),
  stage: z.enum(['embedded', 'server']).default('embedded'),
  simulated: z.array(line).default([]),
  role: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/, 'the name of a role is expected, such as deployer')
    .optional(),
  files: z.array(file).default([]),
  options: z.partialRecord(z.enum(['backup', 'project']), path).default({}),
  fault: z.strictObject({ text: line, met: moment, words: z.array(line).default([]) }),
  right: z.strictObject({
    decision: z.enum(DECISIONS),
    also: z.array(z.enum(DECISIONS)).default([]),
    why: line,
    outcomes: z.array(z.enum(OUTCOMES)).min(1, 'at least one outcome is expected'),
  }),
  risks: z.array(risk).default([]),
  must: z.array(rule('check')).default([]),
  'must not': z.array(rule('confirmation')).default([]),
  keeps: z.array(z.strictObject({ id, title: line, sql: line, after: line.optional() })).default([]),
  events: z.array(event).default([]),
  questions: z.array(coachQuestion).default([]),
  hints: z.array(z.strictObject({ text: line, cost: z.number().min(0).max(100), from: moment })).default([]),
  expert: z.array(z.strictObject({ text: line, moment: moment.optional() })).default([]),
  plays: z.array(play).min(1, 'at least one play is expected: the right one'),
});

export type FrontMatter = z.output<typeof drillSchema>;
