/** One random plan: rolled back, perhaps written to, undone, and what must be true then. */
import { allDifferences } from '../../src/sql/definition-differences.ts';
import type { Plan } from '../../src/sql/types.ts';
import { changes } from '../sql-undo/support.ts';
import type { Whole, World } from './undo-world.ts';
import { archivedMarks, marksIn, marksOf, missing, write, type Write } from './undo-writes.ts';

/** What came of all of them. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }
}

export interface Choices {
  /** For each step, which of the forms that are offered. */
  forms: number[];
  /** Rolled back and undone once more. */
  twice: boolean;
  /** All steps in one transaction. */
  whole: boolean;
  writes: Write[];
  /** Before which step of the rollback the writes come, counted from 0; 0 and what is no step: after all of them. */
  between: number;
}

/** What is different, views as well; the order of columns only where asked for. */
export function different(before: Whole, after: Whole, columnOrder = false): string[] {
  const views = [
    ...before.views.filter((one) => !after.views.includes(one)).map((one) => `gone: view ${one}`),
    ...after.views.filter((one) => !before.views.includes(one)).map((one) => `new: view ${one}`),
  ];
  const order = columnOrder ? allDifferences(before.definitions, after.definitions, { columnOrder }) : [];
  return [...new Set([...changes(before, after), ...order, ...views])];
}

const namesOf = (state: Whole): string[] =>
  state.definitions.flatMap((one) =>
    [one, ...one.indexes, ...one.sequences].map(({ name }: { name: string }) => name),
  );

/** The step does something of which nobody knows what it is. */
const unknown = (excuses: readonly string[]): boolean =>
  excuses.some((one) => /not understood|which is no table/.test(one));

const RUNS = [
  ['20260101-0000-aaaa', '20260101-0001-bbbb'],
  ['20260101-0002-cccc', '20260101-0003-dddd'],
] as const;

/** What the server says where rows of the application are in the way. */
const IN_THE_WAY =
  /duplicate|violates|invalid|out of range|too long|null values|could not create unique|cannot/;

export class Trial {
  readonly story: string[];
  private readonly names: ReadonlySet<string>;

  /** @param end what the statements end in by themselves */
  constructor(
    private readonly world: World,
    private readonly tally: Tally,
    private readonly choices: Choices,
    private readonly plan: Plan,
    private readonly began: ReadonlySet<string>,
    private readonly before: Whole,
    private readonly end: Whole,
    seeded: readonly string[],
  ) {
    this.names = new Set([...namesOf(before), ...namesOf(end)]);
    this.story = [
      ...seeded.map((sql) => `${sql};`),
      ...plan.steps.flatMap(({ id, statements }) => [`-- ${id}`, ...statements.map(({ sql }) => `${sql};`)]),
      `-- begun: ${began.size}`,
    ];
  }

  private fail(what: string, details: readonly string[] = []): never {
    throw new Error([what, ...details, '', ...this.story].join('\n'));
  }

  private async archive(): Promise<void> {
    const faults = await this.world.archiveFaults(this.names);
    if (faults.length > 0) this.fail('the archive', faults);
  }

  /** Those with something to run. */
  private open(): string[] {
    return this.plan.steps
      .filter(({ id, statements }) => statements.some(({ index }) => !this.began.has(`${id} ${index}`)))
      .map(({ id }) => id);
  }

  /** False where a step has no form at all, which is said. */
  private async rollBack(run: string, pause: (at: number) => Promise<void>): Promise<boolean> {
    const { world, plan, choices, tally } = this;
    await world.register(run);
    const done = new Set(this.began);
    for (const [at, step] of this.open().entries()) {
      if (choices.whole && at > 0) break;
      await pause(at);
      const pick = choices.forms[at] ?? 0;
      const { forms, refused } = await world
        .rollBack(run, plan, done, { step, pick, whole: choices.whole })
        .catch((error: unknown) => this.fail(`${step}: ${String(error)}`));
      this.story.push(`${run} ${choices.whole ? 'whole' : step}: ${forms.join()}${refused.join(' ')}`);
      if (forms.length === 0) {
        tally.add('rollback refused');
        return false;
      }
      for (const form of forms) tally.add(form);
    }
    await this.archive();
    return true;
  }

  /** Whether every step came back. */
  private async undo(run: string, id: string, quiet: boolean): Promise<boolean> {
    const { world, tally } = this;
    await world.register(id, run);
    const excused = (await world.notUndoable(run)).length > 0;
    for (const step of this.open().reverse()) {
      const held = quiet ? null : await world.state();
      const { refused, failed, sql } = await world
        .undo(run, id, step)
        .catch((error: unknown) => this.fail(`the undo of ${step} cannot be made: ${String(error)}`));
      this.story.push(`${id} ${step}:\n${sql}${refused.join(' ')}`);
      if (refused.length > 0) {
        tally.add(quiet ? 'undo refused without a write' : 'undo refused for what was written');
        if (quiet && !excused) this.fail(`${step} is refused: ${refused.join(' ')}`);
        return false;
      }
      if (failed) {
        if (!excused && (quiet || !/^2[23]/.test(failed.sqlstate))) this.fail(`the undo of ${step} fails`);
        tally.add(
          excused ? 'undo failed where it was said to be incomplete' : `undo failed: ${failed.message}`,
        );
        if (held && different(held, await world.state()).length > 0)
          this.fail('a failed undo leaves something');
        return false;
      }
    }
    await this.archive();
    return true;
  }

  /** What was said beforehand not to come back is left out. */
  private unexcused(found: readonly string[], excuses: readonly string[]): string[] {
    if (unknown(excuses)) return [];
    if (!excuses.some((one) => one.includes('CASCADE'))) return [...found];
    this.tally.add('less came back with CASCADE, as said', found.length > 0 ? 1 : 0);
    return found.filter((one) => !/view|foreign key|constraint/i.test(one));
  }

  /** Nobody writes: everything is what it was, twice over. */
  async quietly(): Promise<void> {
    const { world, before, end, tally } = this;
    const sequences = await world.sequences();
    for (const [run, undo] of RUNS) {
      const first = run === RUNS[0][0];
      await world.setSequences(sequences);
      if (!(await this.rollBack(run, () => Promise.resolve()))) return;
      const ended = await world.state();
      // The undo before may have left columns and rows in another order, and numbers are given in that of the rows.
      const numbered = end.definitions.some((table) => table.sequences.length > 0);
      const told =
        numbered && !first
          ? allDifferences(end.definitions, ended.definitions)
          : different(end, ended, first);
      if (told.length > 0) this.fail(`${run} ends otherwise`, told);
      const excuses = await world.notUndoable(run);
      if (!(await this.undo(run, undo, true))) return;
      const found = this.unexcused(different(before, await world.state()), excuses);
      if (found.length > 0) this.fail(`${undo} brings back something else`, found);
      tally.add('undone');
      if (unknown(excuses) || excuses.some((one) => one.includes('CASCADE'))) return;
      if (first && !this.choices.twice) return;
    }
    tally.add('rolled back and undone twice');
  }

  /** Where a column went through all steps as it was, what was written into it is to be found in it again. */
  private async staying(run: string): Promise<{ mark: string; table: string; column: string }[]> {
    const { world, before } = this;
    const records = (await world.steps(run)).map(({ detail }) => detail);
    const found: { mark: string; table: string; column: string }[] = [];
    for (const now of (await world.state()).definitions) {
      const was = before.definitions.find(({ name }) => name === now.name);
      const same = records.every(
        ({ renamed, created, dropped, renamedColumns, unsteady }) =>
          ![...Object.keys(renamed), ...Object.values(renamed), ...created, ...dropped].includes(now.name) &&
          [renamedColumns, unsteady ?? {}].every((one) => one[now.name] === undefined),
      );
      const keyed = was?.constraints.some(({ type }) => type === 'p');
      if (!was || !same || !keyed) continue;
      for (const { name, type } of now.columns.filter(({ generated }) => generated === '')) {
        if (!was.columns.some((one) => one.name === name && one.type === type)) continue;
        for (const mark of await marksOf(world.session, now.name, name))
          found.push({ mark, table: now.name, column: name });
      }
    }
    return found;
  }

  /** Somebody writes: nothing of it is lost, and the rest is what it was. */
  async written(): Promise<void> {
    const { world, choices, before, tally } = this;
    const [run, undo] = RUNS[0];
    let touched = 0;
    let said: string[] = [];
    const writeNow = async (): Promise<void> => {
      const was = await world.state();
      said = await write(world.session, choices.writes, was);
      // One that is put in may have the key of one that the rollback deleted, which then stays in the archive.
      const is = await world.state();
      touched += missing(was.rows, is.rows) + missing(is.rows, was.rows);
      this.story.push(...said.map((sql) => `written: ${sql}`));
    };
    const pause = (at: number): Promise<void> =>
      at === choices.between && at > 0 ? writeNow() : Promise.resolve();
    const done = await this.rollBack(run, pause).catch((error: unknown) => {
      if (said.length > 0 && IN_THE_WAY.test(String(error))) return false;
      throw error;
    });
    if (!done) return;
    if (said.length === 0) await writeNow();
    if (said.length === 0) return;
    // Not what a statement of the plan has made of them.
    const theirs = marksIn({ said });
    const marks = new Map([...marksIn((await world.state()).rows)].filter(([mark]) => theirs.has(mark)));
    const staying = (await this.staying(run)).filter(({ mark }) => theirs.has(mark));
    const excuses = await world.notUndoable(run);
    const full = await this.undo(run, undo, false);
    const after = await world.state();
    const [here, kept] = [marksIn(after.rows), await archivedMarks(world.session)];
    const lost = [...marks].filter(([mark]) => !here.has(mark) && !kept.has(mark));
    if (lost.length > 0) this.fail('written and lost', lost.map(String));
    tally.add('values written', marks.size);
    tally.add('of these in tables again', [...marks].filter(([mark]) => here.has(mark)).length);
    if (!full || unknown(excuses)) return;
    for (const { mark, table, column } of staying) {
      if (!(await marksOf(world.session, table, column)).includes(mark))
        this.fail(`${mark} is no more in ${column} of ${table}`);
    }
    const gone = missing(before.rows, after.rows);
    if (gone > touched)
      this.fail(`${gone} rows are not what they were, ${touched} were written`, different(before, after));
    const definitions = this.unexcused(allDifferences(before.definitions, after.definitions), excuses);
    if (definitions.length > 0) this.fail('the definitions are not what they were', definitions);
    tally.add('undone with writes');
  }
}
