/** In front of everything: what the runbook leaves open, one after the other, with where it stands. */
import { flagFor } from '../runbook/values/check.ts';
import type { OpenValue } from '../runbook/values/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { nextValue } from '../wizard/values.ts';
import type { Block, Question, Screen, State } from '../wizard/types.ts';
import { count, gap, item, safe, sql, text, wait } from './blocks.ts';
import { screen } from './screen.ts';

export function valuesScreen(state: State): Screen {
  const open = nextValue(state);
  return screen(state, 'target', 'What the runbook leaves open', blocks(state, open), question(state, open));
}

function blocks({ values, runbook }: State, open: OpenValue | null): Block[] {
  if (!values) return [];
  const { given, open: all } = values;
  return [
    text(
      `${count(all.length, 'value')} to give before there is a plan of ${runbook.path}. Nothing is connected and nothing runs yet; the plan then shows the SQL with the values in it.`,
    ),
    ...all
      .filter(({ name }) => given[name] !== undefined)
      .map(({ name, secret }) =>
        item('done', `${name}: ${secret ? 'given, and not shown' : (given[name] ?? '')}`),
      ),
    ...(open ? [gap, text(`${places(open.lines)}:`), { ...sql(open.excerpt), quiet: true }] : []),
    ...(open?.secret
      ? [
          text(
            'By its name this is a secret: screens, journal and report show its name in its place, and it is not kept. The server gets it in the SQL, and may log it.',
            'warn',
          ),
        ]
      : []),
  ];
}

const places = (lines: readonly number[]): string =>
  lines.length === 1 ? `Line ${lines[0]}` : `Lines ${lines.join(', ')}; the first of them`;

function question(state: State, open: OpenValue | null): Question {
  const { id } = askedOf(state);
  if (!open) return wait(id, 'Reading the runbook…');
  return {
    kind: 'text',
    id,
    prompt: safe(`What is ${open.written}?`),
    required: true,
    placeholder: '',
    secret: open.secret,
    flag: flagFor(open),
    subject: open.name,
  };
}
