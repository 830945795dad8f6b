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

/** Formats that are read as plain SQL: by their files' names. */
function labelOf({ name, folder, path }, format) {
  if (format !== 'sql') return format;
  if (name === 'down.sql') return 'diesel (as sql)';
  if (/\/revert\//.test(path)) return 'sqitch (as sql)';
  if (name.endsWith('-down.sql')) return 'sql-migrate (as sql)';
  return folder === '' ? 'sql' : 'sql';
}

/** A name of the corpus says nothing to others: reasons are counted without them. */
const anonymous = (what) =>
  what
    .replace(/calls [^\s(]+\(\)/, (call) =>
      /(setval|set_config|nextval)/.test(call) ? call : 'calls a function',
    )
    .replace(/the column \S+ exists/, 'the column exists');

/** The run's schema is the one the file names: with `--schema` it would be. */
const here = (effect) => {
  const { schema: _, ...rest } = effect;
  return rest;
};

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

/** As if every table it names were there, plain, with nothing hanging on it. */
function undone(statement) {
  const local = { ...statement, effects: statement.effects.map(here) };
  const names = new Set(local.effects.flatMap((effect) => program.tablesOfEffect(effect)));
  const flow = program.follow([local], [...names].map(definition), SCHEMA);
  return program.notUndoableOf(flow, []).length === 0;
}

function readerFor(source) {
  try {
    return program.readerOf(source);
  } catch (error) {
    if (/\/revert\//.test(source.path)) return program.plainSql;
    throw error;
  }
}

function stepsOf(source) {
  const reader = readerFor(source);
  // A file of a folder that holds more than down migrations is one only by its name.
  if (reader.format === 'sql' && !/down\.sql$|\/revert\//.test(source.path)) return null;
  return { reader, runbook: program.runbookOf(source, reader, source.text) };
}

/** `skipped` with why, or its format and its statements. */
export function measureFile(source) {
  let read;
  try {
    read = stepsOf(source);
  } catch (error) {
    const up = /is the way up|\.up\.sql/.test(error.message) || /\.up\.sql$/.test(source.name);
    return { skipped: up ? 'ways up' : 'no way down, or none that can be read' };
  }
  if (read === null) return { skipped: 'of no format' };
  const format = labelOf(source, read.reader.format);
  const own = source.text.split('\n').length;
  try {
    const plan = program.planOf(read.runbook);
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
