/** One measured figure. `budget` is in `unit`; `holds` tells whether the value is on the good side of it. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly budget?: number;
  readonly holds?: boolean;
}

/** A group of figures that are measured together. `quick` asks for a smaller load, whose figures are rougher. */
export interface Suite {
  readonly title: string;
  readonly run: (options: { readonly quick: boolean }) => Promise<readonly Row[]>;
}

/** A row with a budget, and whether it holds. */
export function budgeted(row: Omit<Row, "holds"> & { readonly budget: number }): Row {
  return { ...row, holds: row.better === "lower" ? row.value <= row.budget : row.value >= row.budget };
}
