import type { TraceId } from "../../model/ids.ts";
import type { SpanStore } from "../store/span-store.ts";
import { Matching, newest } from "./list-traces.ts";
import { compileClause, durationNsAt, type RowTest } from "./search-match.ts";
import type { SearchClause } from "./search-text.ts";
import { STATE_RUNNING } from "../store/span-chunk.ts";

/** What one span of a trace has to meet, all of it; what is left out does not restrict. */
export interface SpanConditions {
  readonly service?: string | undefined;
  readonly name?: string | undefined;
  /** Nanoseconds since the epoch: the first moment of the span's start, and the one after the last. */
  readonly startFrom?: bigint | undefined;
  readonly startBefore?: bigint | undefined;
  readonly minDurationNs?: number | undefined;
  readonly maxDurationNs?: number | undefined;
  /** Of the span or its resource, compared as text. `error` = `true` also means the status. */
  readonly attributes: readonly (readonly [key: string, value: string])[];
}

/** How much is found at most. */
export interface SearchLimits {
  readonly traces: number;
  /** Spans of all traces together; the first trace is found whatever its size. */
  readonly spans: number;
}

/**
 * The traces that have one span that meets all conditions, the newest first. That is Jaeger's rule;
 * {@link listTraces} lets different spans meet different clauses.
 */
export function searchTraces(store: SpanStore, conditions: SpanConditions, limits: SearchLimits): TraceId[] {
  const tests = testsOf(store, conditions);
  const matching = new Matching(store);
  if (tests.length > 0) matching.keepWithSpan((chunk, i) => tests.every((test) => test(chunk, i)), false);
  const found: TraceId[] = [];
  let spanCount = 0;
  for (const slot of newest(store, matching.slots(), limits.traces)) {
    spanCount += store.traces.spanCount[slot] ?? 0;
    if (found.length > 0 && spanCount > limits.spans) break;
    found.push(store.traces.idOf(slot));
  }
  return found;
}

/** The cheapest tests come first. */
function testsOf(store: SpanStore, conditions: SpanConditions): RowTest[] {
  const { service, name, startFrom, startBefore, attributes } = conditions;
  const { minDurationNs = 0, maxDurationNs = Number.POSITIVE_INFINITY } = conditions;
  const tests: RowTest[] = [];
  if (service !== undefined) tests.push(compileClause(store, equals("service", service)));
  if (name !== undefined) tests.push(compileClause(store, equals("name", name)));
  if (startFrom !== undefined) tests.push(not(startsBefore(startFrom)));
  if (startBefore !== undefined) tests.push(startsBefore(startBefore));
  if (minDurationNs > 0 || maxDurationNs < Number.POSITIVE_INFINITY) {
    tests.push((chunk, i) => {
      if (chunk.state[i] === STATE_RUNNING) return false;
      const durationNs = durationNsAt(chunk, i);
      return durationNs >= minDurationNs && durationNs <= maxDurationNs;
    });
  }
  for (const [key, value] of attributes) tests.push(attributeTest(store, key, value));
  return tests;
}

/** `moment` is brought into the range that times have on the wire. */
function startsBefore(moment: bigint): RowTest {
  if (moment <= 0n) return () => false;
  if (moment >= 1n << 64n) return () => true;
  const high = Number(moment >> 32n);
  const low = Number(moment & 0xffff_ffffn);
  return (chunk, i) => {
    const startHigh = chunk.startHigh[i] ?? 0;
    return startHigh < high || (startHigh === high && (chunk.startLow[i] ?? 0) < low);
  };
}

function attributeTest(store: SpanStore, key: string, value: string): RowTest {
  const hasAttribute = compileClause(store, { ...equals("attribute", value), key });
  if (key !== "error" || value !== "true") return hasAttribute;
  const hasFailed = compileClause(store, equals("status", "error"));
  return (chunk, i) => hasFailed(chunk, i) || hasAttribute(chunk, i);
}

function not(test: RowTest): RowTest {
  return (chunk, i) => !test(chunk, i);
}

function equals(field: SearchClause["field"], value: string): SearchClause {
  return {
    field,
    key: field,
    operator: "=",
    negated: false,
    value,
    number: Number.NaN,
    start: 0,
    end: 0,
    text: "",
  };
}
