/**
 * sqitch's revert scripts: `revert/NAME.sql` beside `sqitch.plan`, which names the project.
 *
 * Source: sqitchers/sqitch, lib/App/Sqitch/Engine/pg.pm (log_revert_change: the tags and the row of `changes` go, their
 * dependencies with it; an event of kind `revert` is added; begin_work locks `changes` in EXCLUSIVE mode;
 * `pg_advisory_lock(75474063)`) and pg.sql (the registry). The registry's schema is `engine.pg.registry` of
 * `sqitch.conf`, by default `sqitch`.
 */
import { literal, saysSomething } from './sections.ts';
import { NoDown, type Reader, type Source } from './types.ts';

const HEAD = /^--\s*Revert\s+(\S+)/im;
const WITHOUT =
  'With --format sql the file is run without the record of sqitch, which still counts the change as deployed.';

/** The change that the script takes back: its path below the folder `revert`, without its ending. */
function changeOf({ path }: Pick<Source, 'path'>): string | null {
  return /(?:^|[\\/])revert[\\/](.+)\.sql$/.exec(path)?.[1]?.replaceAll('\\', '/') ?? null;
}

/** The value of a key in an INI file as git and sqitch write them; null without it. */
function configured(conf: string, section: RegExp, key: string): string | null {
  let within = false;
  for (const line of conf.split('\n')) {
    const head = /^\s*\[([^\]]*)\]/.exec(line);
    if (head) within = section.test(head[1] ?? '');
    const found = new RegExp(`^\\s*${key}\\s*=\\s*"?([^"#;]*?)"?\\s*(?:[#;].*)?$`, 'i').exec(line)?.[1];
    if (within && found) return found;
  }
  return null;
}

/** Lines of the plan that begin with this change's name: its own, and those of its reworked forms. */
function planned(plan: string, change: string): number {
  return plan.split('\n').filter((line) => /^\s*[+-]?\s*(\S+)/.exec(line)?.[1] === change).length;
}

/** As `sqitch revert` leaves them; what is read from the rows is read before they go. */
function statements(project: string, change: string): string[] {
  const mine = `project = ${literal(project)} AND change = ${literal(change)}`;
  // Written as the last statement's condition is: so it shows that no row is left for foreign keys to take along.
  const ids = `(SELECT change_id FROM T(changes) WHERE ${mine})`;
  const depends = (type: string): string =>
    `ARRAY(SELECT d.dependency FROM T(dependencies) d WHERE d.change_id = c.change_id AND d.type = '${type}')`;
  return [
    `INSERT INTO T(events) (event, change_id, change, project, note, requires, conflicts, tags, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email)
SELECT 'revert', c.change_id, c.change, c.project, c.note, ${depends('require')}, ${depends('conflict')}, ARRAY(SELECT t.tag FROM T(tags) t WHERE t.change_id = c.change_id), now(), CURRENT_USER, 'backout', c.planned_at, c.planner_name, c.planner_email
FROM T(changes) c
WHERE c.${mine.replace(' AND ', ' AND c.')} AND NOT EXISTS (SELECT 1 FROM T(events) e WHERE e.change_id = c.change_id AND e.event = 'revert' AND e.committed_at > c.committed_at)`,
    `DELETE FROM T(tags) WHERE change_id IN ${ids}`,
    `DELETE FROM T(dependencies) WHERE change_id IN ${ids}`,
    `DELETE FROM T(changes) WHERE ${mine}`,
  ];
}

export const sqitch: Reader = {
  format: 'sqitch',
  recognises: (source) =>
    changeOf(source) !== null && (source.near['sqitch.plan'] !== undefined || HEAD.test(source.text)),
  read(source) {
    const { name, text, near } = source;
    const change = changeOf(source);
    if (change === null)
      throw new NoDown(
        `${name} is in no folder named revert.`,
        `Name a script of sqitch's folder revert. ${WITHOUT}`,
      );
    const plan = near['sqitch.plan'];
    if (plan === undefined)
      throw new NoDown(
        `${name} has no sqitch.plan above it, which names the project.`,
        `Name the file where it lies in its project. ${WITHOUT}`,
      );
    const project = /^%project=(\S+)/m.exec(plan)?.[1];
    if (project === undefined) throw new NoDown('sqitch.plan names no %project.', WITHOUT);
    if (change.includes('@') || planned(plan, change) > 1)
      throw new NoDown(
        `${change} was reworked: sqitch tells its forms apart by numbers that are not worked out here.`,
        `Use "sqitch revert". ${WITHOUT}`,
      );
    if (planned(plan, change) === 0)
      throw new NoDown(
        `sqitch.plan knows no change named ${change}.`,
        `Look whether this is its plan. ${WITHOUT}`,
      );
    if (!saysSomething(text)) throw new NoDown(`${name} holds no statement.`, 'Write the way down into it.');
    const conf = near['sqitch.conf'] ?? '';
    return {
      migration: { version: change, name: '' },
      parts: [{ sql: text, line: 1 }],
      bookkeeping: {
        tool: 'sqitch',
        schema: configured(conf, /^engine "pg"$/, 'registry') ?? 'sqitch',
        table: 'changes',
        column: 'change',
        version: change,
        single: false,
        applied: { columns: ['project', 'change_id', 'committed_at'], sql: `project = ${literal(project)}` },
        order: 'committed_at',
        statements: statements(project, change),
        lock: 'sqitch',
      },
      remarks: [
        'The event of the revert names the database user; sqitch would name whom its configuration names.',
      ],
    };
  },
  versionOf: () => null,
};
