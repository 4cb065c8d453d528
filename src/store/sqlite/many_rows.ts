import { CompiledQuery } from "kysely";
import { type Row, run, type Value, type Work } from "../sql/database.ts";

/** Rows of one statement at most: more bring nothing, and each number of rows is a statement of its own. */
const MOST_ROWS = 32;

/**
 * A statement that takes any number of rows in as few steps as possible: each step costs a crossing into the engine,
 * which for a short row is half of its price. The text for each number of rows is made once.
 */
export class ManyRows {
  readonly #width: number;
  readonly #text: (rows: string) => string;
  /** By the number of rows, all powers of two. */
  readonly #made = new Map<number, CompiledQuery<Row>>();

  /** @param text The statement around the rows, which come as `(?, …), (?, …)`. */
  constructor(columns: readonly string[], text: (rows: string) => string) {
    this.#width = columns.length;
    this.#text = text;
  }

  /** @param values Of all rows, one row after the other. */
  *run(values: readonly Value[]): Work<void> {
    for (const query of this.#pieces(values)) yield* run(query);
  }

  /** Runs a statement that gives rows, and gives all of them. */
  *all<R extends Row>(values: readonly Value[]): Work<readonly R[]> {
    const found: R[] = [];
    for (const query of this.#pieces(values)) found.push(...(yield* run(query)) as readonly R[]);
    return found;
  }

  *#pieces(values: readonly Value[]): Iterable<CompiledQuery<Row>> {
    const width = this.#width;
    let count = MOST_ROWS;
    for (let start = 0; start < values.length; start += count * width) {
      while (count * width > values.length - start) count /= 2;
      const isAll = start === 0 && count * width === values.length;
      yield { ...this.#of(count), parameters: isAll ? values : values.slice(start, start + count * width) };
    }
  }

  #of(count: number): CompiledQuery<Row> {
    const known = this.#made.get(count);
    if (known !== undefined) return known;
    const row = `(${Array(this.#width).fill("?").join(", ")})`;
    const made = CompiledQuery.raw(this.#text(Array(count).fill(row).join(", "))) as CompiledQuery<Row>;
    this.#made.set(count, made);
    return made;
  }
}

/** Inserts rows into a table. */
export function insertInto(table: string, columns: readonly string[], then = ""): ManyRows {
  const names = columns.join(", ");
  return new ManyRows(columns, (rows) => `INSERT INTO ${table} (${names}) VALUES ${rows}${then}`);
}
