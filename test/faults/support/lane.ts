/** One lane, the process's side of it: a server of its own, on which it tries the points that it is told to. */
import { KINDS } from '../kinds/index.ts';
import { startLab, type Lab } from './lab.ts';
import { tryPoint, type Afterwards, type Outcome } from './point.ts';
import { referenceOf, type Reference } from './reference.ts';
import { SCENARIOS, prepare, type Scenario } from './scenario.ts';

/** What a run without faults showed, as it passes between processes. */
export type Shown = Omit<Reference, 'scenario'> & { scenario?: undefined };

export type Question =
  | { type: 'reference'; scenario: string }
  | { type: 'learn'; scenario: string; shown: Shown }
  | { type: 'point'; scenario: string; kind: string; index: number; then: Afterwards };

export interface Answers {
  reference: Shown;
  learn: null;
  point: Outcome;
}

export type Answer = { answer: Answers[Question['type']] } | { error: string };

export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`there is no scenario ${name}`);
  return found;
}

/** Answers the parent's questions until it has no more. */
export async function serve(): Promise<void> {
  const lab = await startLab();
  const known = new Map<string, Reference>();
  process.on('message', (question: Question) => {
    answerTo(lab, known, question)
      .then((answer): Answer => ({ answer }))
      .catch((error: unknown): Answer => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((answer) => process.send?.(answer));
  });
  process.on('disconnect', () => void lab.close().finally(() => process.exit()));
  process.send?.({ answer: null } satisfies Answer);
}

async function answerTo(
  lab: Lab,
  known: Map<string, Reference>,
  question: Question,
): Promise<Answers[Question['type']]> {
  const scenario = scenarioNamed(question.scenario);
  if (question.type === 'learn') {
    known.set(scenario.name, { ...question.shown, scenario });
    return null;
  }
  await prepare(lab, scenario);
  if (question.type === 'reference') {
    return { ...(await referenceOf(lab, scenario)), scenario: undefined };
  }
  const reference = known.get(scenario.name);
  const fault =
    reference && KINDS.find(({ name }) => name === question.kind)?.faults(reference)[question.index];
  if (!fault) throw new Error(`there is no point ${question.index} of ${question.kind}`);
  return tryPoint(lab, reference, { then: question.then, ...fault });
}
