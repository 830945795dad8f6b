/** Screen 6: what must be there and what must not, each with what was expected and what was found. */
import { askedOf } from '../wizard/asked.ts';
import type { VerifyCheck } from '../sql/types.ts';
import type { Block, Question, Screen, State } from '../wizard/types.ts';
import { applicationSummary } from './application.ts';
import { count, errorBlocks, gap, goOn, heading, item, option, printed, text, wait } from './blocks.ts';
import { screen } from './screen.ts';

export const verificationScreen = (state: State): Screen =>
  screen(state, 'verification', 'Verification', blocks(state), question(state));

function blocks(state: State): Block[] {
  const { error, result } = state.verification;
  if (error) {
    return [heading('The verification could not be carried out'), ...errorBlocks(error, state.runbook)];
  }
  if (!result) return [];
  const wrong = result.checks.filter((check) => !check.ok);
  const verdict = result.ok
    ? text(`Verified: all ${count(result.checks.length, 'check')} hold.`, 'good')
    : text(`Not verified: ${wrong.length} of ${count(result.checks.length, 'check')} failed.`, 'bad');
  const first = wrong.length === 0 ? [] : [gap, heading('What does not hold'), ...wrong.flatMap(check)];
  const held = result.checks.filter((candidate) => candidate.ok);
  return [
    verdict,
    ...first,
    ...applicationSummary(state),
    gap,
    heading('What holds'),
    ...held.flatMap(check),
  ];
}

const check = ({ ok, title, expected, found, detail, shown = [] }: VerifyCheck): Block[] => [
  item(ok ? 'pass' : 'fail', title, {
    detail: cameTo(expected, found),
    lines: ok || detail === '' ? [] : [detail],
  }),
  ...(shown.length === 0 ? [] : [printed(shown)]),
];

/** Of a query without an expectation the result is shown, and no more. */
function cameTo(expected: string, found: string): string {
  if (expected === 'shown') return `found ${found}; nothing in particular is expected`;
  return expected === found ? `${found}, as expected` : `expected ${expected}, found ${found}`;
}

function question(state: State): Question {
  const { id, name } = askedOf(state);
  const next = nextWords(state);
  if (name === 'verification') return goOn(id, `Enter goes on to ${next}.`);
  if (name === 'verifying') return wait(id, 'Verifying. This only reads…');
  return {
    kind: 'choice',
    id,
    prompt:
      name === 'not-verified'
        ? 'Not everything is as it should be. The run ends with exit status 14 unless a new verification holds. What now?'
        : 'The verification could not be carried out. What now?',
    options: [
      option('retry', 'r', 'Verify again', 'Reads only.'),
      option('go-on', 'g', `Go on to ${next}`, 'The report says that it is not verified.'),
    ],
    default: 'retry',
    unattended: 'go-on',
  };
}

const nextWords = (state: State): string =>
  state.decision.choice === null || state.checklist.items.length === 0 ? 'the report' : 'the checklist';
