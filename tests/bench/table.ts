/** One budget, and what was measured of it. */
export interface Row {
  readonly what: string;
  /** With its unit; what it is compared with, in brackets. */
  readonly measured: string;
  /** Of what was measured to a bare loop in the same run; null when the budget is not a ratio. */
  readonly ratio: number | null;
  readonly budget: string;
  readonly isMet: boolean;
}

export interface BenchOptions {
  /** Shorter and less exact. */
  readonly quick: boolean;
}

/** One of the things that `deno task bench` measures. */
export interface Section {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}

/** A budget that says how fast ours is to be, compared with a bare loop. */
export function ratioRow(
  what: string,
  { ours, bare, ratio, unit }: Compared,
  { atLeast, besides }: { readonly atLeast: number; readonly besides: string },
): Row {
  const measured = `${shown(ours)} ${unit} (bare ${shown(bare)}); ${besides}`;
  return { what, measured, ratio, budget: `≥ ${atLeast} × bare`, isMet: ratio >= atLeast };
}

export interface Compared {
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
  readonly unit: string;
}

export function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2);
}

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, ratio, budget, isMet }) => [
    what,
    measured,
    ratio === null ? "" : ratio.toFixed(2),
    budget,
    isMet ? "ok" : "below",
  ]);
  const all = [["what", "measured", "ratio", "budget", ""], ...cells];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd();
  return [line(all[0]), widths.map((width) => "-".repeat(width)).join("  "), ...all.slice(1).map(line)]
    .join("\n");
}
