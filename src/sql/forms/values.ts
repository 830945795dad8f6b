/** What a table's columns hold after statements that have not run, as expressions over what they hold now. */
import type { Node } from '@pgsql/types';
import type { ColumnDefinition } from '../definition.ts';
import { fold, type Known } from './fold.ts';
import { baseType, isSame, seenAs, typeOf, UNKNOWN } from './kinds.ts';
import {
  castTo,
  columnRef,
  columnName,
  isConstant,
  isNullConstant,
  NULL,
  whenThenElse,
  withColumns,
} from './nodes.ts';
import { neverTrue } from './never.ts';
import { refuse } from './unfit.ts';

/** A named value in between, which several others are made of. */
export interface Binding {
  name: string;
  /** Over the original columns and bindings before it. */
  value: Node;
}

export interface Live {
  name: string;
  /** The column it was before the step; null for one that the step adds. */
  original: string | null;
  /** The name it was added under. */
  first: string;
  type: string;
  /** As it is assigned, over the original columns and bindings. */
  value: Node;
  retyped: boolean;
  /** A SET DEFAULT or DROP DEFAULT named it. */
  defaulted: boolean;
  generated: boolean;
}

/** The columns of one table on their way through the statements. Mutable. */
export class Values {
  readonly bindings: Binding[] = [];
  columns: Live[];
  /** Original columns that are gone. */
  readonly dropped: string[] = [];
  private readonly types = new Map<string, string | null>();
  private readonly taken: Set<string>;

  constructor(columns: readonly ColumnDefinition[]) {
    this.taken = new Set(columns.map(({ name }) => name));
    for (const { name, type } of columns) this.types.set(name, type);
    this.columns = columns.map(({ name, type, generated }) => ({
      name,
      original: name,
      first: name,
      type,
      value: columnRef(name),
      retyped: false,
      defaulted: false,
      generated: generated !== '',
    }));
  }

  readonly known: Known = {
    type: (name) => this.types.get(name) ?? null,
    value: (name) => this.bindings.find((binding) => binding.name === name)?.value ?? null,
  };

  find(name: string): Live | undefined {
    return this.columns.find((column) => column.name === name);
  }

  /** @throws {DoesNotFit} */
  get(name: string): Live {
    return this.find(name) ?? refuse(`There is no column ${name} at that point.`);
  }

  simple(node: Node): Node {
    return fold(node, this.known);
  }

  /** A name for a value, unless it is as short as a name. */
  bound(value: Node, hint: string): Node {
    if (columnName(value) !== null || isConstant(value)) return value;
    let name = hint;
    for (let number = 2; this.taken.has(name); number += 1) name = `${hint}_${number}`;
    this.taken.add(name);
    this.types.set(name, typeOf(value, this.known.type));
    this.bindings.push({ name, value });
    return columnRef(name);
  }

  /** What a statement sees in a column: the value as the column's type would have made it. @throws {DoesNotFit} */
  read(column: Live): Node {
    const { value, type } = column;
    if (column.generated) return refuse(`The generated column ${column.name} is read.`);
    if (column.original !== null && columnName(value) === column.original && !column.retyped) return value;
    if (!isNullConstant(value) && isSame(typeOf(value, this.known.type), type)) return value;
    const seen = seenAs(type);
    if (seen !== null) return castTo(isNullConstant(value) ? NULL : value, seen);
    return refuse(`${column.name} is read after it was changed, and its type ${type} may change values.`);
  }

  /** An expression of a statement over the original columns and bindings. @throws {DoesNotFit} */
  resolved(expression: Node): Node {
    return this.simple(withColumns(expression, (name) => this.read(this.get(name))));
  }

  /** `UPDATE … SET assignments WHERE condition`. Everything is read as it was before. @throws {DoesNotFit} */
  update(assignments: readonly { column: string; value: Node }[], condition: Node | null): void {
    const where = condition === null ? null : this.resolved(condition);
    if (where !== null && (isNullConstant(where) || isFalse(where) || neverTrue(where, this.known))) return;
    const always = where === null || isTrue(where);
    const next = assignments.map(({ column, value }) => ({
      live: this.get(column),
      value: this.resolved(value),
    }));
    const test = always ? null : this.bound(where, 'matches');
    for (const { live, value } of next) {
      if (live.generated) refuse(`The generated column ${live.name} is set.`);
      const whole = test === null ? value : this.either(test, value, live);
      live.value = this.bound(this.simple(whole), `new_${live.name}`);
    }
  }

  /** The new value where the condition holds, else the old one: both as one type, so that neither is changed by it. */
  private either(test: Node, value: Node, live: Live): Node {
    const [then, otherwise] = [value, live.value].map((each) => this.conformed(each, live));
    // Nothing in it would say of which type it is.
    if (isNullConstant(value) && isNullConstant(live.value)) return NULL;
    return whenThenElse(test, then ?? NULL, otherwise ?? NULL);
  }

  private conformed(value: Node, live: Live): Node {
    const type = typeOf(value, this.known.type);
    if (isNullConstant(value)) return NULL;
    // Before it is stored a value may still be longer or more exact than its column.
    const base = baseType(live.type);
    if (type !== null && type !== UNKNOWN && isSame(type, base)) return value;
    if (type === live.type) return value;
    if (seenAs(live.type) === null)
      return refuse(
        `Some rows of ${live.name} are set, and values of its type ${live.type} cannot be told apart from others.`,
      );
    return castTo(value, base);
  }
}

function isTrue(node: Node): boolean {
  return 'A_Const' in node && node.A_Const.boolval?.boolval === true;
}

function isFalse(node: Node): boolean {
  return 'A_Const' in node && node.A_Const.boolval !== undefined && !isTrue(node);
}
