/** The wizard's questions by their words, and the walks that several tests need on their way to something else. */
import { atTerminal, type Operator, type OperatorOptions } from './operator.ts';

export const TARGET = /the database you mean\?/;
export const WARNING = /Warning: .* Go on in spite of it\?/;
export const PREREQUISITES = /Enter goes on to the decision/;
export const CRITERION = /Is this so\?/;
export const DECIDE = /What do you decide\?/;
export const REASON = /against the recommendation\. Why\?/;
export const PLAN = /Enter goes on to the first step/;
export const LEAVE = /Leave backout now\?/;
export const CLOSE = /Enter closes backout; the summary stays on the terminal/;

/** On the report: of a run, or of one in a drill. */
const REPORTED = new RegExp(`${CLOSE.source}|Enter shows the debrief`);

/** The list of drills. */
export const LIST = /Which one\?/;

/** Practice without a drill, up to its first screen: `f` on the list. */
export async function freePractice(options: OperatorOptions = {}): Promise<Operator> {
  const operator = await atTerminal(['practice'], options);
  await operator.answer(LIST, 'f');
  return operator;
}

/** A severe step: the name has to be typed. */
export const typing = (step: number): RegExp =>
  new RegExp(`To run Step ${step}, exactly the SQL shown above, type`);

/** Somebody else holds a lock that the step needs. */
export const waiting = (step: number): RegExp => new RegExp(`Step ${step} waits for .*What now\\?`);

export const done = (step: number): RegExp => new RegExp(`Step ${step} is done\\. Enter goes on`);

/** Says yes to one warning after the other, and returns their titles. */
export async function acceptWarnings(operator: Operator): Promise<string[]> {
  const accepted: string[] = [];
  for (;;) {
    const asked = await operator.untilAsked(/Go on in spite of it\?|Enter goes on to the (decision|plan)/);
    const [, title] = /Warning: (.*?)\. /.exec(asked) ?? [];
    if (title === undefined) return accepted;
    await operator.pty.press('y');
    await operator.pty.waitFor(() => !operator.asked().includes(`Warning: ${title}.`));
    accepted.push(title);
  }
}

/** Answers what the database cannot know with nothing that speaks for rolling back. */
export async function answerCriteria(operator: Operator): Promise<void> {
  await operator.answer(/Is this so\? Application not yet deployed/, 'n');
  await operator.answer(/Is this so\? Simple schema issue/, 'n');
  await operator.answer(/Is this so\? Rolling back would cause/, 'enter');
  await operator.untilAsked(DECIDE);
}

/** From the first screen to the decision. */
export async function toDecision(operator: Operator): Promise<void> {
  await operator.answer(TARGET, 'enter');
  await acceptWarnings(operator);
  await operator.answer(PREREQUISITES, 'enter');
  await answerCriteria(operator);
}

/** From the decision to the first step's question, against the recommendation. */
export async function decide(operator: Operator): Promise<void> {
  await operator.answer(DECIDE, 'r');
  await operator.submit(REASON, 'the test says so');
  await operator.answer(PLAN, 'enter');
  await operator.untilAsked(typing(1));
}

/** From the first screen to the first step's question. */
export async function toStepOne(operator: Operator): Promise<void> {
  await toDecision(operator);
  await decide(operator);
}

/** Brings the end of what is shown into view: before that, nothing is confirmed. */
export async function readToEnd(operator: Operator): Promise<void> {
  await operator.pty.press('end');
  await operator.pty.waitFor(/▲ \d+ more above(?!.*▼)/);
}

/** Reads a severe step to its end and types the name. */
export async function confirmStep(operator: Operator, step: number, name: string): Promise<void> {
  await operator.untilAsked(typing(step));
  await readToEnd(operator);
  await operator.submit(typing(step), name);
}

/** Reads a step that takes a y to its end, and says y. */
export async function confirmByKey(operator: Operator, step: number): Promise<void> {
  await operator.untilAsked(new RegExp(`Run (Undo of )?Step ${step} now`));
  await readToEnd(operator);
  await operator.pty.press('y');
}

/** Confirms a severe step and waits until it is done. */
export async function runStep(operator: Operator, step: number, name: string): Promise<void> {
  await confirmStep(operator, step, name);
  await operator.untilAsked(done(step));
}

/** From the question of step `from` to the verified end. */
export async function runOn(operator: Operator, name: string, from: number): Promise<void> {
  for (const step of [1, 2, 3].slice(from - 1)) {
    await runStep(operator, step, name);
    await operator.answer(done(step), 'enter');
  }
  // Where an undo could not bring it back, a key is not enough.
  const asked = await operator.untilAsked(/To run Step 4|Run Step 4 now/);
  await (asked.includes('To run Step 4') ? confirmStep(operator, 4, name) : confirmByKey(operator, 4));
  await operator.answer(/Step 4 is done/, 'enter');
  await operator.untilAsked(/Enter goes on to the checklist/);
}

/** From the verification to the report, every item of the checklist left open. */
export async function toReport(operator: Operator): Promise<void> {
  await operator.answer(/goes on to the checklist/, 'enter');
  for (;;) {
    const asked = await operator.untilAsked(/Is this done\?|Enter writes the report/);
    const [, item] = /Is this done\? (.*?)(?: ›)? d Done/.exec(asked) ?? [];
    if (item === undefined) break;
    await operator.pty.press('o');
    await operator.pty.waitFor(() => !operator.asked().includes(item));
  }
  await operator.answer(/Enter writes the report/, 'enter');
  await operator.untilAsked(REPORTED);
}

/** From the first screen of an undo to its verified end. */
export async function undoAll(operator: Operator, name: string): Promise<void> {
  await operator.answer(TARGET, 'enter');
  await acceptWarnings(operator);
  await operator.answer(/Enter goes on to the plan/, 'enter');
  await operator.answer(PLAN, 'enter');
  for (const step of [4, 3, 2, 1]) {
    const asked = await operator.untilAsked(new RegExp(`(To run|Run) Undo of Step ${step}`));
    await readToEnd(operator);
    if (asked.includes('type the')) await operator.submit(/Undo of Step/, name);
    else await operator.pty.press('y');
    await operator.answer(new RegExp(`Undo of Step ${step} is done`), 'enter');
  }
  await operator.untilAsked(/Enter goes on to the report/);
}
