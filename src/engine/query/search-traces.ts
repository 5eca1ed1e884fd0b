import type { TraceId } from "../../model/ids.ts";
import type { SpanStore } from "../store/span-store.ts";
import { STATE_RUNNING } from "../store/span-chunk.ts";
import { findTraces } from "./find-traces.ts";
import type { TraceCondition } from "./trace-condition.ts";
import { newestTraces } from "./newest-traces.ts";
import { narrowed } from "./open-rows.ts";
import type { RowTest } from "./row-test.ts";
import type { SpanCondition } from "./span-condition.ts";
import { compileClause, durationNsAt } from "./search-match.ts";
import type { SearchClause } from "./search-text.ts";
import type { Sliced } from "./slices.ts";

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
export function* searchTraces(
  store: SpanStore,
  conditions: SpanConditions,
  limits: SearchLimits,
): Sliced<TraceId[]> {
  const compile = (): TraceCondition[] => {
    const parts = partsOf(store, conditions);
    return parts.length === 0 ? [] : [{ kind: "span", span: allOf(parts), negated: false }];
  };
  const { slots } = yield* findTraces(store, compile);
  const found: TraceId[] = [];
  let spanCount = 0;
  for (const slot of newestTraces(store, slots, limits.traces)) {
    spanCount += store.traces.spanCount[slot] ?? 0;
    if (found.length > 0 && spanCount > limits.spans) break;
    found.push(store.traces.idOf(slot));
  }
  return found;
}

/**
 * Rows are found by the scan of the cheapest condition that has one, with what is cheaper tested before it and the rest of
 * what it finds; row by row, the cheapest test first, where none has.
 */
function allOf(parts: readonly SpanCondition[]): SpanCondition {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const sorted = parts.toSorted((a, b) => a.cost - b.cost);
  const condition = { test: testOfAll(sorted), cost: sorted[0]?.cost ?? 0 };
  const at = sorted.findIndex(({ scan }) => scan !== undefined);
  const scan = sorted[at]?.scan;
  if (scan === undefined) return condition;
  const before = testOfAll(sorted.slice(0, at));
  const after = testOfAll(sorted.slice(at + 1));
  return { ...condition, scan: (chunk, rows) => scan(chunk, narrowed(rows, before, after)) };
}

function testOfAll(conditions: readonly SpanCondition[]): RowTest {
  const tests = conditions.map(({ test }) => test);
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (chunk, i) => tests.every((test) => test(chunk, i));
}

function partsOf(store: SpanStore, conditions: SpanConditions): SpanCondition[] {
  const { service, name, startFrom, startBefore, attributes } = conditions;
  const { minDurationNs = 0, maxDurationNs = Number.POSITIVE_INFINITY } = conditions;
  const parts: SpanCondition[] = [];
  const add = (test: RowTest): unknown => parts.push({ test, cost: 5 });
  if (service !== undefined) parts.push(compileClause(store, equals("service", service)));
  if (name !== undefined) parts.push(compileClause(store, equals("name", name)));
  if (startFrom !== undefined) add(not(startsBefore(startFrom)));
  if (startBefore !== undefined) add(startsBefore(startBefore));
  if (minDurationNs > 0 || maxDurationNs < Number.POSITIVE_INFINITY) {
    add((chunk, i) => {
      if (chunk.state[i] === STATE_RUNNING) return false;
      const durationNs = durationNsAt(chunk, i);
      return durationNs >= minDurationNs && durationNs <= maxDurationNs;
    });
  }
  for (const [key, value] of attributes) parts.push(attributePart(store, key, value));
  return parts;
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

function attributePart(store: SpanStore, key: string, value: string): SpanCondition {
  const hasAttribute = compileClause(store, { ...equals("attribute", value), key });
  if (key !== "error" || value !== "true") return hasAttribute;
  const hasFailed = compileClause(store, equals("status", "error"));
  return {
    test: (chunk, i) => hasFailed.test(chunk, i) || hasAttribute.test(chunk, i),
    cost: hasAttribute.cost,
    scan(chunk, rows) {
      rows.test(chunk, hasFailed.test);
      if (hasAttribute.scan === undefined) rows.test(chunk, hasAttribute.test);
      else hasAttribute.scan(chunk, rows);
    },
  };
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
