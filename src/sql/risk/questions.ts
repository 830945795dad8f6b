/**
 * When the questions about rows are asked. What an UPDATE … FROM or an INSERT … SELECT leaves costs much to work out,
 * and many questions are about it: they are kept until the plan has been gone through, and those that need the same
 * are asked in one query, which works it out once.
 */
import type { World } from '../contents.ts';
import type { Session } from '../session.ts';
import { asNumber } from '../values.ts';
import { countsOf, firstKeys, type Probe, type Rows } from './rows.ts';

interface Question {
  /** A query of one row with one value: a jsonb array of counts. */
  sql: string;
  found: (counts: number[]) => Promise<void> | void;
}

/** One query for each group; `needs` are what is costly in a question, so that those who share something are together. */
function groups(questions: readonly Question[], world: World): Question[][] {
  const found: { needs: Set<number>; questions: Question[] }[] = [];
  for (const question of questions) {
    const needs = new Set(world.costly(question.sql));
    const same = found.filter((group) => [...needs].some((one) => group.needs.has(one)));
    const [first, ...more] = same;
    if (!first) {
      found.push({ needs, questions: [question] });
      continue;
    }
    first.questions.push(question);
    for (const one of [...needs, ...more.flatMap((group) => [...group.needs])]) first.needs.add(one);
    for (const group of more) {
      first.questions.push(...group.questions);
      found.splice(found.indexOf(group), 1);
    }
  }
  return found.map((group) => group.questions);
}

export class Questions {
  private readonly kept: Question[] = [];

  /** @param together false asks each at once: an error is then told of the statement that gave it */
  constructor(
    private readonly session: Pick<Session, 'query'>,
    private readonly world: World,
    readonly together: boolean,
  ) {}

  /**
   * Asks for how many rows each probe is true; keys only where there is something.
   *
   * @throws {DatabaseError} when the database refuses the query
   */
  async ask(rows: Rows, probes: readonly Probe[]): Promise<void> {
    if (probes.length === 0) return;
    const question = {
      sql: countsOf(rows, probes),
      found: async (counts: number[]) => {
        for (const [at, probe] of probes.entries()) {
          const count = counts[at] ?? 0;
          if (count === 0) continue;
          const keys = probe.keys ? await firstKeys(this.session, this.world, rows, probe.condition) : [];
          probe.found(count, keys);
        }
      },
    } satisfies Question;
    await this.add(
      question,
      probes.some((probe) => probe.now === true),
    );
  }

  /** How many rows a query gives. @throws {DatabaseError} */
  async count(from: string, found: (rows: number) => void): Promise<void> {
    const sql = `SELECT pg_catalog.jsonb_build_array(pg_catalog.count(*)) FROM ${from}`;
    await this.add({ sql, found: ([rows = 0]) => found(rows) });
  }

  /** Asks what was kept; the answers are told in the order of the questions. @throws {DatabaseError} */
  async answer(): Promise<void> {
    await this.answerAll(this.kept.splice(0));
  }

  private async add(question: Question, now = false): Promise<void> {
    if (this.together && !now) this.kept.push(question);
    else await this.answerAll([question]);
  }

  private async answerAll(questions: readonly Question[]): Promise<void> {
    const answers = new Map<Question, number[]>();
    for (const group of groups(questions, this.world)) await this.send(group, answers);
    for (const question of questions) await question.found(answers.get(question) ?? []);
  }

  private async send(questions: readonly Question[], answers: Map<Question, number[]>): Promise<void> {
    const list = questions.map(({ sql }, at) => `CAST((${sql}) AS text) AS a${at + 1}`);
    const { rows } = await this.session.query(this.world.query(`SELECT ${list.join(', ')}`));
    for (const [at, question] of questions.entries()) {
      const counts = JSON.parse(String(rows[0]?.[`a${at + 1}`])) as unknown[];
      answers.set(question, counts.map(asNumber));
    }
  }
}
