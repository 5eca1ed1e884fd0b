import type { SpanChunk } from "../store/span-chunk.ts";
import type { OpenRows } from "./open-rows.ts";
import type { RowTest } from "./row-test.ts";

/** A condition on spans. It is about the spans that are held when it is made; of later ones it may be wrong. */
export interface SpanCondition {
  readonly test: RowTest;
  /** What testing a row costs, roughly, in nanoseconds; for choosing what comes first. */
  readonly cost: number;
  /** Finds the open rows of a chunk that meet the condition, faster than by testing each; absent where there is no such way. */
  readonly scan?: (chunk: SpanChunk, rows: OpenRows) => void;
}
