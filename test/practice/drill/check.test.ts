import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDrill } from '../../../src/commands/practice-check.ts';
import { loadPlan } from '../../../src/commands/load.ts';
import { shippedRunbook } from '../../../src/commands/io.ts';
import { givenAway, strayNames } from '../../../src/practice/drill/examine.ts';
import { readDrill } from '../../../src/practice/drill/read.ts';
import { DRILL } from './drills.ts';
import { NO_OPTIONS, ROOT, testIo } from './stage.ts';

const PATH = 'drills/07-backup.md';
const state = mkdtempSync(join(tmpdir(), 'backout-test-'));
const check = (text: string) => checkDrill(testIo(state), NO_OPTIONS, PATH, text);

/** As short as a drill may be; it stops at the first question. */
const SHORT = `---
level: first day
minutes: 3
fault: {text: Nothing., met: at plan, words: []}
right: {decision: rollback, why: It is., outcomes: [declined]}
keeps:
  - {id: good, title: Rows, sql: SELECT count(*) FROM codebase_snapshots}
  - {id: bad, title: Names, sql: SELECT 'many'}
plays:
  - {name: leaves, right: true, answers: [{at: prerequisites, press: leave}, {at: prerequisites/leave, say: 'yes'}], expect: {outcome: declined, score: 90..100}}
  - {name: says what is not offered, answers: [{at: prerequisites/leave, say: maybe}, {at: prerequisites, press: leave}], expect: {outcome: declined, score: 0..100}}
  - {name: never, answers: [{at: target/target, press: leave}, {at: target/leave, say: 'yes'}, {at: step/confirm, say: 'no'}], expect: {outcome: stopped, score: 0..100}}
---
# Short
## Story
Once.
## Debrief
Over.
`;

describe('looking at a drill', () => {
  it('finds words of the fault before it is met, and nowhere after', () => {
    const drill = readDrill(PATH, DRILL.replace('words: [empty]', 'words: [its size, 0 bytes]'));
    expect(givenAway(drill).map(({ message }) => message)).toEqual([
      'the coach\'s question backup says "its size" before the fault is met (at prerequisites/accept)',
      'the coach\'s question backup says "0 bytes" before the fault is met (at prerequisites/accept)',
    ]);
    expect(givenAway(readDrill(PATH, DRILL.replace('[empty]', '[pager]')))).toHaveLength(1);
    // The note "Look at the *size*" stands where the fault is met.
    expect(givenAway(readDrill(PATH, DRILL.replace('[empty]', '["*size*"]')))).toEqual([]);
  });

  it('finds steps, events and questions that are not there', async () => {
    const { plan } = await loadPlan(shippedRunbook({ root: ROOT }));
    const text = DRILL.replace('when: started step-1', 'when: started step-9')
      .replace('"coach ask:backup right"', '"coach ask:copy right"')
      .replace('moments: [consent backup]', 'moments: [injected night]');
    expect(strayNames(readDrill(PATH, text), plan).map(({ message }) => message)).toEqual([
      'risk empty-backup: "coach ask:copy right" names a question of the coach that is not there',
      'must not 1: "injected night" names a event that is not there',
      'event late: "started step-9" names a step that is not there',
    ]);
    expect(strayNames(readDrill(PATH, DRILL), plan)).toEqual([]);
  });

  it('plays it, and says what does not come out as it is written', async () => {
    const { problems, plays } = await check(SHORT);
    expect(plays.map(({ right, outcome }) => [right, outcome])).toEqual([
      [true, 'declined'],
      [false, ''],
      [false, 'declined'],
    ]);
    const said = problems.map(({ message }) => message).join('\n');
    expect(said).toMatch(/play "leaves" has 0 points, not 90 to 100/);
    expect(said).toContain('keeps, bad: the query gives no number');
    expect(said).not.toContain('keeps, good');
    expect(said).toMatch(
      /play "says what is not offered": "say: maybe" at prerequisites\/leave is no answer/,
    );
    expect(said).toContain('play "never" ends with declined, not with stopped');
    expect(said).toContain('play "never": the question "step/confirm: no" is never asked');
  });

  it('says that the set-up fails', async () => {
    const text = SHORT.replace('## Debrief', '## Setup\n\n```sql\nDROP TABLE nothing;\n```\n\n## Debrief');
    const { problems, plays } = await check(text);
    expect(problems.map(({ message }) => message)).toEqual([
      'the set-up fails: table "nothing" does not exist',
    ]);
    expect(plays).toHaveLength(1);
  });

  it('finds nothing wrong with the calm one', async () => {
    const path = join(ROOT, 'runbooks/20250101000014-align-schema-table-names/drills/01-calm.md');
    const { problems } = await checkDrill(testIo(state), NO_OPTIONS, path, readFileSync(path, 'utf8'));
    expect(problems).toEqual([]);
    rmSync(state, { recursive: true, force: true });
  }, 180_000);
});
