/**
 * From a {@link TableDefinition} to the SQL that makes it again, elsewhere if need be. All of it is spelled for the
 * search_path of the definition (`<schema>, pg_temp`) and is to be run with it.
 */
export { attributesSql, STORAGE, type AttributeSql } from './definition-sql/attributes.ts';
export {
  constraintSql,
  constraintsSql,
  createTableSql,
  indexesSql,
  indexSql,
  notMadeAgain,
} from './definition-sql/create.ts';
export { freeSequencesSql, moveStatisticsSql, ownSequencesSql } from './definition-sql/move.ts';
export {
  quoteLiteral,
  quoteName,
  quoteQualified,
  type Named,
  type Worded,
} from './definition-sql/quoting.ts';
export { retargeted, statisticsIn } from './definition-sql/retarget.ts';
