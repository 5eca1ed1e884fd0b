import { CHUNK_ROWS, NO_TRACE } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { ChangedWhileSearched } from "./changed-while-searched.ts";
import { keepWithSpan } from "./keep-with-span.ts";
import type { SpanCondition } from "./span-condition.ts";
import type { Sliced } from "./slices.ts";
import type { TraceCondition } from "./trace-condition.ts";
import { TraceSet } from "./trace-set.ts";

interface FoundTraces {
  readonly slots: Uint32Array;
  /** The condition that removed the last traces. */
  readonly emptiedBy: TraceCondition | undefined;
}

/**
 * The slots of the traces that meet all conditions. What is answered is true of the store as it is at that moment, however
 * it changed on the way: traces that did are looked at again, by conditions compiled anew. Only a trace that changes
 * without a pause and is too large to be looked at within a slice may be judged by what it was a moment before.
 */
export function* findTraces(store: SpanStore, compile: () => readonly TraceCondition[]): Sliced<FoundTraces> {
  const changed = new ChangedWhileSearched(store);
  const traces = new TraceSet(store);
  const conditions = inOrder(store, compile());
  yield;
  let emptiedBy: TraceCondition | undefined;
  for (const condition of conditions) {
    if (traces.count === 0) break;
    if (condition.kind === "trace") yield* traces.keep(condition.test);
    else yield* keepWithSpan(store, traces, condition.span, condition.negated);
    if (traces.count === 0) emptiedBy = condition;
  }
  yield* changed.judgeAgain(traces, () => inOrder(store, compile()));
  return { slots: traces.slots(), emptiedBy: traces.count === 0 ? emptiedBy : undefined };
}

/**
 * The condition first that removes the most traces for the least time, as a sample of the spans tells: the order of
 * least cost for independent conditions is that of cost ÷ share removed.
 */
function inOrder(store: SpanStore, conditions: readonly TraceCondition[]): readonly TraceCondition[] {
  if (conditions.length < 2) return conditions;
  const spansPerTrace = store.spanCount / Math.max(1, store.traceCount);
  const weighed = conditions.map((condition) => {
    if (condition.kind === "trace") return { condition, weight: 0 };
    const share = 1 - (1 - shareOfSpans(store, condition.span)) ** spansPerTrace;
    const removed = condition.negated ? share : 1 - share;
    return { condition, weight: condition.span.cost / Math.max(removed, 0.001) };
  });
  return weighed.sort((a, b) => a.weight - b.weight).map(({ condition }) => condition);
}

function shareOfSpans(store: SpanStore, { test }: SpanCondition): number {
  const { chunks } = store;
  const step = Math.max(1, Math.floor(chunks.length / SAMPLED_CHUNKS));
  let looked = 0;
  let met = 0;
  for (let number = chunks.length - 1; number >= 0; number -= step) {
    const chunk = chunks[number];
    if (chunk === undefined) continue;
    for (let i = 7; i < CHUNK_ROWS; i += SAMPLE_STEP) {
      if (chunk.trace[i] === NO_TRACE) continue;
      looked++;
      if (test(chunk, i)) met++;
    }
  }
  return looked === 0 ? 0 : met / looked;
}

/** A few hundred rows all in all. */
const SAMPLED_CHUNKS = 8;
const SAMPLE_STEP = 97;
