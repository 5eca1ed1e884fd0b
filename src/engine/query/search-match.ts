import { SPAN_KINDS, SPAN_STATES, SPAN_STATUSES } from "../../model/span.ts";
import { CHUNK_ROWS, NAME_IN_RECORD, NO_TRACE, STATE_RUNNING, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { compare } from "./compare.ts";
import { originHits } from "./known-hits.ts";
import { spanStandstill } from "./program-time.ts";
import type { RowTest } from "./row-test.ts";
import type { SpanCondition } from "./span-condition.ts";
import { attributeCondition } from "./search-attribute.ts";
import type { SearchClause } from "./search-text.ts";
import { isTouchedByPause } from "./trace-pauses.ts";
import { wordCondition } from "./search-word.ts";

/**
 * Compiles a clause into a condition on spans, its negation left aside. What the clause says of strings is worked out
 * once for each string that the store knows, so that a row is told by numbers.
 */
export function compileClause(store: SpanStore, clause: SearchClause): SpanCondition {
  switch (clause.field) {
    case "word":
      return wordCondition(store, clause.value);
    case "attribute":
      return attributeCondition(store, clause);
    default:
      return { test: columnTest(store, clause), cost: COLUMN_COST };
  }
}

const COLUMN_COST = 5;

function columnTest(store: SpanStore, clause: SearchClause): RowTest {
  if (clause.operator === "exists") return () => true;
  switch (clause.field) {
    case "status":
      return enumTest("status", SPAN_STATUSES, clause);
    case "state":
      return enumTest("state", SPAN_STATES, clause);
    case "kind":
      return enumTest("kind", SPAN_KINDS, clause);
    case "service":
      return serviceTest(store, clause.value);
    case "name":
      return nameTest(store, clause.value);
    case "duration":
      return durationTest(store, clause);
    case "time":
      return (chunk, i) => compare(startNsAt(chunk, i), clause);
    case "run":
      return (chunk, i) => compare(store.originAt(chunk, i)?.run ?? 0, clause);
    case "word":
    case "attribute":
      return () => false;
  }
}

/** As the list of traces has it: without the time during which the debugger held the span. */
function durationTest(store: SpanStore, clause: SearchClause): RowTest {
  const hasEnded = (chunk: SpanChunk, i: number): boolean => chunk.state[i] !== STATE_RUNNING;
  if (store.pauses.isEmpty)
    return (chunk, i) => hasEnded(chunk, i) && compare(durationNsAt(chunk, i), clause);
  let last: SpanChunk | undefined;
  let firstRow = 0;
  return (chunk, i) => {
    const slot = chunk.trace[i] ?? NO_TRACE;
    if (slot === NO_TRACE || !hasEnded(chunk, i)) return false;
    if (!isTouchedByPause(store, slot)) return compare(durationNsAt(chunk, i), clause);
    if (chunk !== last) firstRow = store.chunks.indexOf(chunk) * CHUNK_ROWS;
    last = chunk;
    const stoodNs = spanStandstill(store, slot, firstRow + i)?.stoodNs ?? 0;
    return compare(durationNsAt(chunk, i) - stoodNs, clause);
  };
}

/** Since the epoch, as near as a double comes. */
function startNsAt(chunk: SpanChunk, i: number): number {
  return (chunk.startHigh[i] ?? 0) * 2 ** 32 + (chunk.startLow[i] ?? 0);
}

export function durationNsAt(chunk: SpanChunk, i: number): number {
  return (
    ((chunk.endHigh[i] ?? 0) - (chunk.startHigh[i] ?? 0)) * 2 ** 32 +
    ((chunk.endLow[i] ?? 0) - (chunk.startLow[i] ?? 0))
  );
}

function enumTest(
  column: "status" | "state" | "kind",
  names: readonly string[],
  { value }: SearchClause,
): RowTest {
  const wanted = names.indexOf(value.toLowerCase());
  return (chunk, i) => chunk[column][i] === wanted;
}

function serviceTest(store: SpanStore, wanted: string): RowTest {
  const hits = originHits(store, ({ service }) => service === wanted).flags;
  return (chunk, i) => hits[chunk.origin[i] ?? 0] === 1;
}

function nameTest(store: SpanStore, wantedName: string): RowTest {
  const bytes = utf8.encode(wantedName);
  const wanted = store.names.find(0, bytes, 0, bytes.length);
  return (chunk, i) => {
    const name = chunk.name[i] ?? NAME_IN_RECORD;
    return name === NAME_IN_RECORD ? store.nameAt(chunk, i) === wantedName : name === wanted;
  };
}

const utf8 = new TextEncoder();
