import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { searchTraces, type SpanConditions } from "../../../../src/engine/query/search-traces.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import { idOf, START_MS, storeOf, type Sketch } from "./filled-store.ts";

/** Too long to be a pair of the dictionary, so that it is kept in the record as it is. */
const LONG = "x".repeat(300);
const NO_LIMITS = { traces: 1000, spans: 1e6 };

const services = fc.constantFrom("shop", "cart");
const names = fc.constantFrom("GET /", "job");
const keys = fc.constantFrom("k", "url", "error");
const values = fc.constantFrom("a", "7", "true", `${LONG}A`, `${LONG}B`);

const spans = fc
  .array(
    fc.record({
      trace: fc.integer({ min: 1, max: 12 }),
      name: names,
      service: services,
      error: fc.boolean(),
      durationMs: fc.integer({ min: 0, max: 3 }),
      attributes: fc.dictionary(keys, fc.oneof(values, fc.constant(7)), { maxKeys: 3 }),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ durationMs, ...span }, n) => ({ ...span, id: n + 1, startMs: n, endMs: n + durationMs })),
  );

const moments = fc.integer({ min: 0, max: 40 }).map((ms) => BigInt(START_MS + ms) * 1_000_000n);
const conditions: fc.Arbitrary<SpanConditions> = fc.record(
  {
    service: services,
    name: names,
    startFrom: moments,
    startBefore: moments,
    minDurationNs: fc.integer({ min: 0, max: 3 }).map((ms) => ms * 1e6),
    maxDurationNs: fc.integer({ min: 0, max: 3 }).map((ms) => ms * 1e6),
    attributes: fc.array(fc.tuple(keys, values), { maxLength: 3 }),
  },
  { requiredKeys: ["attributes"] },
);

describe("searchTraces", () => {
  it("finds the traces of which one span meets everything, as a look at every span does", () => {
    fc.assert(
      fc.property(spans, conditions, (held, wanted) => {
        const found = runAtOnce(searchTraces(storeOf(held), wanted, NO_LIMITS));
        const expected = held.filter((span) => meets(span, wanted)).map(({ trace }) => idOf(trace));
        expect(new Set(found)).toEqual(new Set(expected));
      }),
      { numRuns: 300 },
    );
  });

  it.each<[conditions: Partial<SpanConditions>, traces: number[]]>([
    [{ service: "shop", attributes: [["k", "a"]] }, [1]],
    [{ service: "cart", attributes: [["k", "a"]] }, [2]],
    [
      {
        service: "cart",
        attributes: [
          ["k", "a"],
          ["url", LONG],
        ],
      },
      [],
    ],
    [{ service: "cart", attributes: [["url", LONG]] }, [1]],
    [{ service: "shop", name: "job", attributes: [["error", "true"]] }, [3]],
  ])("does not put one trace's spans together: %j", (wanted, traces) => {
    const store = storeOf([
      { trace: 1, id: 1, service: "shop", attributes: { k: "a" } },
      { trace: 1, id: 2, service: "cart", attributes: { url: LONG } },
      { trace: 2, id: 3, service: "cart", attributes: { k: "a" } },
      { trace: 3, id: 4, service: "shop", name: "job", error: true },
    ]);
    const found = runAtOnce(searchTraces(store, { attributes: [], ...wanted }, NO_LIMITS));
    expect(found).toEqual(traces.map(idOf));
  });
});

function meets(
  { service, name, startMs = 0, endMs = 0, error = false, attributes = {} }: Sketch,
  wanted: SpanConditions,
): boolean {
  const startNs = BigInt(START_MS + startMs) * 1_000_000n;
  const durationNs = (endMs - startMs) * 1e6;
  return (
    (wanted.service ?? service) === service &&
    (wanted.name ?? name) === name &&
    startNs >= (wanted.startFrom ?? 0n) &&
    (wanted.startBefore === undefined || startNs < wanted.startBefore) &&
    durationNs >= (wanted.minDurationNs ?? 0) &&
    durationNs <= (wanted.maxDurationNs ?? Number.POSITIVE_INFINITY) &&
    wanted.attributes.every(
      ([key, value]) => String(attributes[key]) === value || (key === "error" && value === "true" && error),
    )
  );
}
