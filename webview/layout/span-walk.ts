import type { TraceColumns } from "../../src/model/trace.ts";
import { parentIndex } from "./lanes.ts";

/** A step through the tree of spans; undefined where there is nowhere to go. */
export type SpanStep = "parent" | "first-child" | "next-sibling" | "previous-sibling";

/** The span that a step leads to. Columns are depth-first, so each step is a walk over neighbours. */
export function stepSpan(columns: TraceColumns, span: number, step: SpanStep): number | undefined {
  const parent = parentIndex(columns, span);
  switch (step) {
    case "parent":
      return parent >= 0 ? parent : undefined;
    case "first-child":
      return span + 1 < columns.spanCount && parentIndex(columns, span + 1) === span ? span + 1 : undefined;
    case "next-sibling": {
      const next = branchEndIndex(columns, span);
      return next < columns.spanCount && parentIndex(columns, next) === parent ? next : undefined;
    }
    case "previous-sibling": {
      for (let other = span - 1; other > parent; other -= 1) {
        if (parentIndex(columns, other) === parent) return other;
      }
      return undefined;
    }
  }
}

/** One past the last descendant of a span. */
export function branchEndIndex(columns: TraceColumns, span: number): number {
  const depth = columns.depth[span] ?? 0;
  let next = span + 1;
  while (next < columns.spanCount && (columns.depth[next] ?? 0) > depth && parentIndex(columns, next) >= 0) {
    next += 1;
  }
  return next;
}

/** The span with this row, or undefined. */
export function spanOfRow(columns: TraceColumns, row: number): number | undefined {
  const index = columns.row.indexOf(row);
  return index >= 0 ? index : undefined;
}
