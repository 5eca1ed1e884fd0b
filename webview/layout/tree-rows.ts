import type { TraceColumns } from "../../src/model/trace.ts";
import { branchEndIndex } from "./span-walk.ts";

/** The spans that a tree shows, from top to bottom: all but those under a collapsed one. */
export function layoutTreeRows(columns: TraceColumns, collapsed: ReadonlySet<number>): Uint32Array {
  const rows = new Uint32Array(columns.spanCount);
  let count = 0;
  for (let span = 0; span < columns.spanCount;) {
    rows[count] = span;
    count += 1;
    span = collapsed.has(columns.row[span] ?? -1) ? branchEndIndex(columns, span) : span + 1;
  }
  return rows.subarray(0, count);
}

/** Where a span stands among the rows; undefined while it is hidden. Rows ascend. */
export function rowOfSpan(rows: Uint32Array, span: number): number | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] ?? 0) < span) low = middle + 1;
    else high = middle;
  }
  return rows[low] === span ? low : undefined;
}
