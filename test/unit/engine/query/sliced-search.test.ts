import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listTraces, listTracesSliced } from "../../../../src/engine/query/list-traces.ts";
import { runInSlices, type Sliced } from "../../../../src/engine/query/slices.ts";
import type { SpanStore } from "../../../../src/engine/store/span-store.ts";
import { NO_SLOT } from "../../../../src/engine/store/trace-table.ts";
import { addSpan, idOf, NOW_MS, START_MS, storeOf, type Sketch } from "./filled-store.ts";
import { traceOf, tracesThatMatch } from "./search-oracle.ts";

/** Too long to be a pair of the dictionary, so that it is kept in the record as it is. */
const LONG = "x".repeat(300);

const texts = fc.constantFrom(
  "cart",
  "CART",
  "Grüße",
  "a",
  "7f3a",
  "200",
  "x=y",
  "-",
  `${LONG}Tail`,
  `${LONG}7F3A`,
);
const values = fc.oneof(texts, fc.integer({ min: -3, max: 600 }));
const attributes = fc.dictionary(fc.constantFrom("k", "url", "n"), values, { maxKeys: 3 });

function spans(maxLength: number): fc.Arbitrary<Sketch[]> {
  const drafts = fc.array(
    fc.record({
      trace: fc.integer({ min: 1, max: 8 }),
      name: fc.constantFrom("GET /cart", "job", "a"),
      service: fc.constantFrom("shop", "CartService"),
      error: fc.boolean(),
      durationMs: fc.integer({ min: 0, max: 300 }),
      attributes,
    }),
    { maxLength },
  );
  // A start of its own each, so that there is one order.
  return drafts.map((all) =>
    all.map(({ durationMs, ...span }, n) => ({ ...span, id: n + 1, startMs: n, endMs: n + durationMs })),
  );
}

const clauses = fc.oneof(
  fc.constantFrom(
    "cart",
    "gr",
    "ÜSS",
    "üße",
    "7f3",
    "F3A",
    "tail",
    "xt",
    "0",
    "20",
    "-cart",
    "-200",
    "zz",
    "a",
    "y",
  ),
  fc.constantFrom(
    "status=error",
    "status!=error",
    "service=shop",
    "-service=shop",
    "name=job",
    "duration>100ms",
  ),
  fc.constantFrom(
    "k=cart",
    "k=CART",
    "k=200",
    "k>=100",
    "k<0",
    "k=*",
    "url!=*",
    `url=${LONG}Tail`,
    `k=${LONG}7F3A`,
    "none=1",
  ),
  fc
    .tuple(fc.constantFrom("", "-"), fc.constantFrom(">", ">=", "<", "<="), fc.integer({ min: -5, max: 35 }))
    .map(
      ([minus, operator, startMs]) => `${minus}time${operator}${new Date(START_MS + startMs).toISOString()}`,
    ),
  fc
    .tuple(fc.constantFrom(">", ">=", "<", "<="), fc.integer({ min: 9965, max: 10_005 }))
    .map(([operator, ageMs]) => `time${operator}-${ageMs}ms`),
);
const queries = fc.array(clauses, { minLength: 1, maxLength: 4 }).map((all) => all.join(" "));

function found(store: SpanStore, text: string): readonly string[] {
  return listTraces(store, { filter: { text }, limit: 100 }, NOW_MS).traces.map(({ traceId }) => traceId);
}

describe("a search", () => {
  it("finds what a look at every span finds", () => {
    fc.assert(
      fc.property(spans(30), queries, (held, text) => {
        expect(found(storeOf(held), text)).toEqual(tracesThatMatch(held, text).map(idOf));
      }),
      { numRuns: 300 },
    );
  });

  it("is right at its end, whatever arrives and leaves on the way", () => {
    const changes = fc.array(fc.oneof(spans(4), fc.constant("evict" as const)), { maxLength: 12 });
    fc.assert(
      fc.property(spans(20), changes, queries, (before, later, text) => {
        const store = storeOf(before);
        let all = before;
        const work = listTracesSliced(store, { filter: { text }, limit: 100 }, NOW_MS);
        const pending = later.map((change) => change);
        const change = (): void => {
          const next = pending.shift();
          if (next === undefined) return;
          if (next === "evict") evictOldest(store);
          else {
            const arrived = next.map((span) => ({
              ...span,
              id: span.id + all.length,
              startMs: span.id + all.length,
              endMs: span.id + all.length + 1,
            }));
            for (const span of arrived) addSpan(store, span);
            all = [...all, ...arrived];
          }
          all = all.filter((span) => isHeld(store, span));
        };
        const list = interrupted(work, change);
        // What happens while the found traces are summed up cannot take back what was found, but nothing gone is shown.
        const ids = list.traces.map(({ traceId }) => traceId);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(store.traces.slotOf(id)).not.toBe(NO_SLOT);
        if (list.version === store.version) expect(ids).toEqual(tracesThatMatch(all, text).map(idOf));
      }),
      { numRuns: 300 },
    );
  });

  it("goes through chunks of which traces leave and to which others come", () => {
    const store = storeOf([]);
    let all: Sketch[] = [];
    let next = 1;
    const add = (count: number): void => {
      for (let n = 0; n < count; n++, next++) {
        const span: Sketch = {
          id: next,
          // The fixture has 255 ids.
          trace: Math.ceil(next / 40),
          startMs: next,
          endMs: next + 1,
          name: next % 7 === 0 ? "seventh" : "other",
          attributes: { url: `${LONG}${next % 11 === 0 ? "Eleventh" : next}`, k: next % 13 },
        };
        addSpan(store, span);
        all.push(span);
      }
    };
    add(9000);
    for (const text of ["eleventh", "seventh k=5", "-eleventh k!=5", "k>11"]) {
      let interruptions = 0;
      const work = listTracesSliced(store, { filter: { text }, limit: 1e6 }, NOW_MS);
      const list = interrupted(work, () => {
        // The last changes come before the search has ended, so that its answer is about what is held.
        if (interruptions++ >= 2) return;
        add(20);
        evictOldest(store);
      });
      all = all.filter((span) => isHeld(store, span));
      expect(interruptions).toBeGreaterThan(2);
      expect(list.version).toBe(store.version);
      expect(list.traces.map(({ traceId }) => traceId)).toEqual(tracesThatMatch(all, text).map(idOf));
      expect(list.matchingCount).toBe(list.traces.length);
    }
  });

  it("finds numbers among values that are all different", () => {
    const held = Array.from({ length: 4200 }, (_, n): Sketch => ({
      id: n + 1,
      trace: (n % 250) + 1,
      startMs: n,
      name: "one",
      attributes: { n },
    }));
    const store = storeOf(held);
    for (const text of ["4199", "n=4199", "n>=4195", "419", "-n<4190"])
      expect(found(store, text).slice(0, 100)).toEqual(tracesThatMatch(held, text).slice(0, 100).map(idOf));
  });

  it("finds values in records that do not lie in the order of their rows", () => {
    const started = Array.from({ length: 40 }, (_, n): Sketch => ({
      id: n + 1,
      trace: n + 1,
      startMs: n,
      endMs: undefined,
      attributes: { url: LONG },
    }));
    const store = storeOf(started);
    const ended = started.map((span, n) => ({
      ...span,
      endMs: n + 5,
      attributes: { url: `${LONG}${n % 2 === 0 ? "Even" : "Odd"}` },
    }));
    for (const span of ended.toSorted((a, b) => ((a.id * 17) % 41) - ((b.id * 17) % 41)))
      addSpan(store, span);
    for (const text of ["even", "-even", `url=${LONG}Odd`])
      expect(found(store, text)).toEqual(tracesThatMatch(ended, text).map(idOf));
  });
});

describe("runInSlices", () => {
  it("lets others run, and ends when nobody waits any more", async () => {
    let steps = 0;
    let ended = false;
    function* endless(): Sliced<void> {
      try {
        for (;;) {
          steps++;
          yield;
        }
      } finally {
        ended = true;
      }
    }
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 1);
    expect(await runInSlices(endless(), abort.signal)).toMatchObject({
      ok: false,
      error: { code: "cancelled" },
    });
    expect(ended).toBe(true);
    expect(steps).toBeGreaterThan(1);
  });
});

function interrupted<Value>(work: Sliced<Value>, change: () => void): Value {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    change();
  }
}

/** Lets the trace leave that would leave first. */
function evictOldest(store: SpanStore): void {
  const before = store.traceCount;
  for (let share = 0.99; store.traceCount === before && before > 0 && share > 0; share -= 0.05) {
    store.setMaxBytes(store.bytes * share);
  }
  store.setMaxBytes(1e9);
}

function isHeld(store: SpanStore, span: Sketch): boolean {
  return store.traces.slotOf(idOf(traceOf(span))) !== NO_SLOT;
}
