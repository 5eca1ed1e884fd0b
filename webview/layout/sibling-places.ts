import type { TraceColumns } from "../../src/model/trace.ts";
import { parentIndex } from "./lanes.ts";

/** Which of how many siblings a span is, counted from 1; roots are siblings of each other. */
export interface SiblingPlaces {
  readonly place: Uint32Array;
  readonly size: Uint32Array;
  /** 1 where the span has children. */
  readonly hasChildren: Uint8Array;
}

export function layoutSiblingPlaces(columns: TraceColumns): SiblingPlaces {
  const count = columns.spanCount;
  const place = new Uint32Array(count);
  const hasChildren = new Uint8Array(count);
  // Entry 0 counts the roots, entry `span + 1` the children of a span.
  const children = new Uint32Array(count + 1);
  for (let span = 0; span < count; span += 1) {
    const parent = parentIndex(columns, span);
    if (parent >= 0) hasChildren[parent] = 1;
    children[parent + 1] = (children[parent + 1] ?? 0) + 1;
    place[span] = children[parent + 1] ?? 0;
  }
  const size = place.map((_, span) => children[parentIndex(columns, span) + 1] ?? 0);
  return { place, size, hasChildren };
}
