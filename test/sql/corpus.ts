/**
 * The states the detector is judged by: the first edition broken off after each of its 40 statements, what the
 * migration's own `down` then makes of each of these, and the histories that exist in practice.
 */
import { migrationSql } from '../support/migration.ts';
import * as states from '../support/states.ts';

/**
 * What is expected of each edition: its four steps, each `p`ending, `h`alf done, `a`pplied or in `c`onflict; then the
 * checks among the prerequisites that must fail, by their ids.
 */
export interface Case {
  name: string;
  build: (db: states.Database) => Promise<void>;
  first: string;
  shipped: string;
  /** Whether what would be lost, invented or fail is counted; that takes longer than all the rest. */
  counted: boolean;
}

/** Statements in each step of the first edition. */
const SIZES = [15, 18, 6, 1];

/** The first edition's steps after k of its statements. */
function afterCut(k: number): string {
  const begins = SIZES.map((_, step) => SIZES.slice(0, step).reduce((sum, size) => sum + size, 0));
  const letters = SIZES.map((size, step) => {
    const ran = k - (begins[step] ?? 0);
    return ran <= 0 ? 'p' : ran < size ? 'h' : 'a';
  });
  return letters.join('');
}

const NOTHING_LEFT = ' state';

/** The edition that ships has statements in every step but the last that the first edition lacks. */
const withMore = (first: string): string => first.slice(0, 3).replaceAll('a', 'h') + first.slice(3);

const cuts = Array.from({ length: 41 }, (_, k): Case => {
  const steps = afterCut(k);
  return {
    name: `broken off after statement ${k}`,
    build: (db) => states.brokenOff(db, k),
    first: steps === 'aaaa' ? steps + NOTHING_LEFT : steps,
    shipped: withMore(steps),
    counted: false,
  };
});

/**
 * `down` skips a section whose old table is there again, so that each step stays as it was broken off; those that had
 * not begun are rolled back by it, the first two without their NOT NULLs. The version row goes in any case.
 */
const thenDown = Array.from({ length: 41 }, (_, k): Case => {
  const cut = afterCut(k);
  // From here on only indexes and two tables are left to do in Step 2, or nothing; the tables go with the rest.
  const [one, two, three] = cut.split('');
  const steps = [
    one === 'a' ? 'a' : 'h',
    two === 'a' || k >= 31 ? 'a' : 'h',
    three === 'p' || three === 'a' ? 'a' : 'h',
    'a',
  ].join('');
  return {
    name: `broken off after statement ${k}, then taken back by down`,
    build: async (db) => {
      await states.brokenOff(db, k);
      await db.exec(migrationSql('down'));
    },
    first: steps === 'aaaa' ? steps + NOTHING_LEFT : steps,
    shipped: 'hhha',
    counted: false,
  };
});

const history = (name: string, build: Case['build'], first: string, shipped: string): Case => ({
  name,
  build,
  first,
  shipped,
  counted: true,
});

const histories = [
  history('from-zero order', states.fromZero, 'phpp values', 'phpp fingerprint values'),
  history('old and new side by side', states.both, 'cccp state', 'cccp state fingerprint values'),
  history('technology_knowledge left, empty', states.emptyKnowledge, 'ppcp state', 'pphp'),
  history('later migrations recorded', states.laterMigrations, 'pppp', 'pppp'),
  history('edited in place', states.editedInPlace, 'ppcp state', 'ppcp state fingerprint'),
  history('rolled back by down', states.rolledBack, 'hhaa', 'hhha'),
  history('never migrated', states.before, 'acca state', 'aaaa state'),
  history('written to since', states.writtenSince, 'pppp', 'pppp'),
  history('values that do not fit', states.unconvertible, 'pppp values', 'pppp values'),
  history('recorded as rolled back, tables not', states.recordedAsRolledBack, 'pppa', 'pppa'),
  history('git_commits still there', states.gitCommitsStill, 'pppp', 'pppp'),
];

export const CASES: readonly Case[] = [...cuts, ...thenDown, ...histories];
