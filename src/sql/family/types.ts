/** Partitions and inheritance: who a table is a part of, and who is a part of it. */

/** As the catalog has it: both names by themselves. */
export interface Relative {
  schema: string;
  name: string;
}

export interface Parent extends Relative {
  /** `FOR VALUES …` or `DEFAULT`, as pg_get_expr writes pg_class.relpartbound; null: the table inherits. */
  bound: string | null;
  /** pg_inherits.inhdetachpending: DETACH PARTITION … CONCURRENTLY was broken off. */
  pending: boolean;
}

/** Only of tables that are partitioned, have parents or have children. */
export interface Family {
  /** pg_get_partkeydef of a partitioned table: `RANGE (d)`. */
  key: string | null;
  /** In the order of pg_inherits.inhseqno. */
  parents: Parent[];
  children: Relative[];
  /** Columns that it has from its parents alone: they go with theirs. */
  inherited: string[];
}
