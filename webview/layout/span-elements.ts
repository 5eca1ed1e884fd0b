import type { TraceColumns } from "../../src/model/trace.ts";
import { parentIndex } from "./lanes.ts";

/** A trace with no more spans than this has all of them as elements; of a larger one those around the selection exist. */
const MAX_ALL = 400;
/** Neighbours on either side of the selection in depth-first order. */
const NEIGHBOURS = 100;

/** The spans that exist as elements, ascending: ancestors of the selected one, and its neighbours. */
export function spansWithElements(columns: TraceColumns, selected: number | undefined): readonly number[] {
  const count = columns.spanCount;
  if (count <= MAX_ALL) return Array.from({ length: count }, (_, span) => span);
  const middle = selected ?? 0;
  const first = Math.max(0, middle - NEIGHBOURS);
  const end = Math.min(count, middle + NEIGHBOURS + 1);
  const ancestors: number[] = [];
  for (let up = parentIndex(columns, first); up >= 0; up = parentIndex(columns, up)) ancestors.unshift(up);
  return [...ancestors, ...Array.from({ length: end - first }, (_, i) => first + i)];
}
