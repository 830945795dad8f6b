// One file of a corpus: what the program's own readers make of it.
import { basename, dirname } from 'node:path';
import { loadTypeScript } from '../../scripts/load-typescript.mjs';

const SCHEMA = 'public';
const CATALOG = { schema: SCHEMA, tables: {} };
const ROWS = ['update', 'insert', 'delete', 'create-extension'];
let program;

/** Loads the program's sources and the parser. */
export async function prepare() {
  program = await loadTypeScript([
    'src/migrations/read.ts',
    'src/migrations/source.ts',
    'src/migrations/plain-sql.ts',
    'src/migrations/types.ts',
    'src/sql/parse.ts',
    'src/sql/plan.ts',
    'src/sql/position/requirements.ts',
    'src/sql/tables-of.ts',
    'src/sql/archive/follow.ts',
    'src/sql/archive/honest.ts',
  ]);
  await program.loadParser();
}

/** What the operator would name by --format where only a part of the project is at hand; undefined: as it is found. */
function askedFor({ name, path }) {
  if (name === 'down.sql') return 'diesel';
  return /\/revert\//.test(path) ? 'sqitch' : undefined;
}

const labelOf = ({ name }, format) =>
  format === 'sql' && name.endsWith('-down.sql') ? 'sql-migrate, as sql' : format;

/** A name of the corpus says nothing to others: reasons are counted without them. */
const anonymous = (what) =>
  what
    .replace(/calls [^\s(]+\(\)/, (call) =>
      /(setval|set_config|nextval)/.test(call) ? call : 'calls a function',
    )
    .replace(/the column \S+ exists/, 'the column exists');

/** The run's schema is the one the file names: with `--schema` it would be. */
const here = (effect) => ({ ...effect, schema: undefined });

function positioned(statement) {
  return statement.effects.every((effect) => {
    if (effect.kind === 'not-understood') return false;
    if (effect.kind === 'select' || ROWS.includes(effect.kind)) return true;
    if (effect.kind === 'comment') return /^(table|column|index) /.test(effect.on);
    return program.requirementsOf(here(effect), CATALOG).after.length > 0;
  });
}

const definition = (name) => ({
  name,
  kind: 'r',
  persistence: 'p',
  columns: [],
  indexes: [],
  constraints: [],
  triggers: [],
  rules: [],
  sequences: [],
  children: [],
  parents: [],
});

/** Objects that an undo does not give back whole: what an extension holds, a label of an enum, what CASCADE takes along. */
const beyondUndo = (effect) =>
  effect.kind === 'object' &&
  (effect.forGood === true || (effect.verb === 'drop' && (effect.type === 'extension' || effect.cascade)));

/** As if every table it names were there, plain, with nothing hanging on it. */
function undone(statement) {
  const local = { ...statement, effects: statement.effects.map(here) };
  const { table: commented } = program.commentedOn(statement);
  const named = local.effects.flatMap((effect) => program.tablesOfEffect(effect));
  const names = new Set(commented === undefined ? named : [...named, commented]);
  const flow = program.follow([local], [...names].map(definition), SCHEMA);
  return !local.effects.some(beyondUndo) && program.notUndoableOf(flow, [], [local]).length === 0;
}

function stepsOf(source, asked = askedFor(source)) {
  const reader = program.readerOf(source, asked);
  // A file of a folder that holds more than down migrations is one only by its name.
  if (asked === undefined && reader.format === 'sql' && !/down\.sql$/.test(source.path)) return null;
  return { reader, runbook: program.runbookOf(source, reader, source.text) };
}

/** `skipped` with why, or its format and its statements. */
export async function measureFile(path, text) {
  const source = await program.sourceOf(path, text);
  let read;
  try {
    read = stepsOf(source);
  } catch (error) {
    // A script that the plan does not name any more, or that an older form of a change had: its SQL is as real.
    if (askedFor(source) === 'sqitch') return measured(source, stepsOf(source, 'sql'), 'sqitch, as sql');
    const up = /is the way up|\.up\.sql/.test(error.message) || /\.up\.sql$/.test(source.name);
    return { skipped: up ? 'ways up' : 'no way down, or none that can be read' };
  }
  if (read === null) return { skipped: 'of no format' };
  return measured(source, read, labelOf(source, read.reader.format));
}

function measured(source, { runbook }, format) {
  const own = source.text.split('\n').length;
  try {
    const plan = program.planOf(runbook);
    const statements = plan.steps
      .flatMap((step) => step.statements)
      .filter(({ line }) => line <= own)
      .map((statement) => {
        const reasons = statement.effects.flatMap((effect) =>
          effect.kind === 'not-understood' ? [anonymous(effect.what)] : [],
        );
        const understood = reasons.length === 0;
        return {
          line: statement.line,
          reasons,
          understood,
          positioned: understood && positioned(statement),
          undone: understood && undone(statement),
        };
      });
    return { format, statements };
  } catch (error) {
    if (error.name !== 'SqlSyntaxError')
      throw new Error(`${basename(dirname(source.path))}/${source.name}`, { cause: error });
    return { format, syntax: error.message, statements: [] };
  }
}
