import { describe, expect, it } from "vitest";
import { completeSearch } from "../../../../src/engine/query/complete-search.ts";
import { durationHistogram } from "../../../../src/engine/query/duration-histogram.ts";
import { findSpans } from "../../../../src/engine/query/find-spans.ts";
import { listTraces, type TraceQuery } from "../../../../src/engine/query/list-traces.ts";
import { readSpan } from "../../../../src/engine/query/read-span.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import type { RunNumber, SpanRow } from "../../../../src/model/ids.ts";
import { addSpan, idOf, NOW_MS, storeOf, type Sketch } from "./filled-store.ts";

const SPANS: readonly Sketch[] = [
  {
    trace: 1,
    id: 1,
    name: "GET /cart",
    service: "web",
    run: 1,
    startMs: 0,
    endMs: 200,
    kind: 2,
    attributes: { "http.route": "/cart" },
  },
  {
    trace: 1,
    id: 2,
    parent: 1,
    name: "SELECT items",
    service: "db",
    run: 1,
    startMs: 10,
    endMs: 20,
    kind: 3,
    attributes: { "db.system": "PostgreSQL" },
  },
  {
    trace: 2,
    id: 1,
    name: "POST /pay",
    service: "web",
    run: 2,
    startMs: 1000,
    endMs: 1050,
    kind: 2,
    error: true,
    attributes: { "http.response.status_code": 503 },
  },
  {
    trace: 3,
    id: 2,
    parent: 9,
    name: "job",
    service: "worker",
    run: 2,
    startMs: 500,
    endMs: undefined,
    attributes: { note: "Grüße vom CART-Dienst" },
  },
];
const NAMES = ["POST /pay", "job", "GET /cart"];

function namesOf(filter: Partial<TraceQuery["filter"]>): string[] {
  const list = listTraces(storeOf(SPANS), { filter: { text: "", ...filter }, limit: 10 }, NOW_MS);
  expect(list.matchingCount).toBe(list.traces.length);
  return list.traces.map(({ name }) => name);
}

describe("listTraces", () => {
  it.each<[filter: Partial<TraceQuery["filter"]>, names: string[]]>([
    [{}, NAMES],
    [{ text: "cart" }, ["job", "GET /cart"]],
    [{ text: "CART" }, ["job", "GET /cart"]],
    [{ text: "postgres" }, ["GET /cart"]],
    [{ text: "grüße" }, ["job"]],
    [{ text: "503" }, ["POST /pay"]],
    [{ text: "worker" }, ["job"]],
    [{ text: "-cart" }, ["POST /pay"]],
    [{ text: "select cart" }, ["GET /cart"]],
    [{ text: '"GET /cart"' }, ["GET /cart"]],
    [{ text: "status=error" }, ["POST /pay"]],
    [{ text: "status!=error" }, ["job", "GET /cart"]],
    [{ text: "service=db" }, ["GET /cart"]],
    [{ text: "service=d" }, []],
    [{ text: "name=job" }, ["job"]],
    [{ text: "kind=client" }, ["GET /cart"]],
    [{ text: "state=running" }, ["job"]],
    [{ text: "duration>=100ms" }, ["GET /cart"]],
    [{ text: "duration<=50ms" }, ["POST /pay", "job"]],
    [{ text: "time>-9.5s" }, ["POST /pay"]],
    [{ text: "time>=-9.5s" }, ["POST /pay", "job"]],
    [{ text: "-time>-9.5s" }, ["job", "GET /cart"]],
    [{ text: "time<2023-11-14T22:13:20.010Z" }, ["GET /cart"]],
    [{ text: "time>2023-11-14T22:13:20Z time<2023-11-14T22:13:20.5Z" }, ["GET /cart"]],
    [{ text: "run=2" }, ["POST /pay", "job"]],
    [{ text: "http.route=/cart" }, ["GET /cart"]],
    [{ text: "http.route=/car" }, []],
    [{ text: "http.route=*" }, ["GET /cart"]],
    [{ text: "http.route!=/cart" }, ["POST /pay", "job"]],
    [{ text: "http.response.status_code=503" }, ["POST /pay"]],
    [{ text: "http.response.status_code>=500" }, ["POST /pay"]],
    [{ text: "http.response.status_code<500" }, []],
    [{ text: "service.name=worker" }, ["job"]],
    [{ text: "no.such.key=1" }, []],
    [{ run: 1 as RunNumber }, ["GET /cart"]],
    [{ minDurationNs: 40e6, maxDurationNs: 60e6 }, ["POST /pay"]],
  ])("with %j", (filter, names) => {
    expect(namesOf(filter)).toEqual(names);
  });

  it("says which clause removed the last traces", () => {
    const store = storeOf(SPANS);
    const emptiedBy = (text: string): unknown =>
      listTraces(store, { filter: { text }, limit: 10 }, NOW_MS).emptiedBy;
    expect(
      ["cart", "service=web service=nowhere", "zzz cart", "cart status=error -x"].map(emptiedBy),
    ).toEqual([undefined, "service=nowhere", "zzz", "cart"]);
  });

  it("passes on what is wrong with the text, and searches by the rest", () => {
    const list = listTraces(storeOf(SPANS), { filter: { text: "cart status=bad" }, limit: 10 }, NOW_MS);
    expect(list.textProblem).toMatchObject({ start: 12, end: 15 });
    expect(list.matchingCount).toBe(2);
  });

  it("gives the newest up to the limit and counts all", () => {
    const list = listTraces(storeOf(SPANS), { filter: { text: "" }, limit: 1 }, NOW_MS);
    expect(list).toMatchObject({
      traces: [{ name: "POST /pay" }],
      matchingCount: 3,
      totalCount: 3,
      spanCount: 4,
    });
  });

  it("summarizes a trace", () => {
    const store = storeOf(SPANS);
    store.pin(idOf(1), true);
    const traces = listTraces(store, { filter: { text: "" }, limit: 10 }, NOW_MS).traces;
    expect(traces[2]).toEqual({
      traceId: idOf(1),
      run: 1,
      name: "GET /cart",
      services: ["web", "db"],
      spanCount: 2,
      errorCount: 0,
      runningCount: 0,
      lostCount: 0,
      missingParentCount: 0,
      startMs: 1_700_000_000_000,
      durationNs: 200e6,
      pinned: true,
    });
    expect(traces[1]).toMatchObject({ name: "job", runningCount: 1, missingParentCount: 1, durationNs: 0 });
  });

  it("summarizes again what has changed", () => {
    const store = storeOf(SPANS);
    const spanCountOf = (): number | undefined =>
      listTraces(store, { filter: { text: "pay" }, limit: 10 }, NOW_MS).traces[0]?.spanCount;
    expect(spanCountOf()).toBe(1);
    addSpan(store, { trace: 2, id: 5, parent: 1, startMs: 1010 });
    expect(spanCountOf()).toBe(2);
  });

  it("finds an attribute's value however many the key has", () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({
      trace: 1,
      id: (n % 250) + 1,
      startMs: n,
      attributes: { "request.id": `req-${n}x` },
    }));
    const store = storeOf(many);
    const rows = (text: string): number => findSpans(store, idOf(1), text, NOW_MS).rows.length;
    expect([
      rows("request.id=req-4999x"),
      rows("req-4998X"),
      rows("req-1x"),
      rows("request.id=req-4999"),
    ]).toEqual([1, 1, 1, 0]);
  });

  it.each<[received: string, line: number, place: TraceQuery["filter"]["place"], matches: boolean]>([
    ["/app/src/cart.ts", 12, { path: "/app/src/cart.ts", firstLine: 10, lastLine: 12 }, true],
    ["/app/src/cart.ts", 13, { path: "/app/src/cart.ts", firstLine: 10, lastLine: 12 }, false],
    ["/app/src/other.ts", 12, { path: "/app/src/cart.ts", firstLine: 10, lastLine: 12 }, false],
    ["src/cart.ts", 12, { path: "/app/src/cart.ts", firstLine: 10, lastLine: 12 }, true],
    ["rc/cart.ts", 12, { path: "/app/src/cart.ts", firstLine: 10, lastLine: 12 }, false],
    ["file:///app/src/cart.ts", 12, { path: "/app/src/cart.ts", firstLine: 10, lastLine: 12 }, true],
    ["C:\\app\\cart.ts", 12, { path: "C:/app/cart.ts", firstLine: 10, lastLine: 12 }, true],
  ])("by place: %s line %i in %j is %s", (received, line, place, matches) => {
    const store = storeOf([{ id: 1, attributes: { "code.file.path": received, "code.line.number": line } }]);
    expect(listTraces(store, { filter: { text: "", place }, limit: 10 }, NOW_MS).matchingCount).toBe(
      matches ? 1 : 0,
    );
  });
});

describe("findSpans", () => {
  it.each([
    ["cart", ["GET /cart"]],
    ["service=db", ["SELECT items"]],
    ["-service=db", ["GET /cart"]],
    ["duration>100ms", ["GET /cart"]],
    ["time>-10s", ["SELECT items"]],
    ["cart service=db", []],
    ["", []],
  ])("finds %j in one trace, all clauses in the same span", (text, names) => {
    const store = storeOf(SPANS);
    const { rows } = findSpans(store, idOf(1), text, NOW_MS);
    expect([...rows].map((row) => readSpan(store, row as SpanRow)?.name)).toEqual(names);
  });
});

describe("completeSearch", () => {
  it.each([
    ["sta", 3, ["state=", "status=", "http.response.status_code="], 0],
    ["cart http.r", 11, ["http.response.status_code=", "http.route="], 5],
    ["status=", 7, ["error", "ok", "unset"], 7],
    ["status=er", 9, ["error"], 7],
    ["service=", 8, ["db", "web", "worker"], 8],
    ["wor", 3, ["service=worker"], 0],
    ["http.route=", 11, ["/cart"], 11],
    ['name="GET', 9, ["GET /cart"], 5],
    ["-kind=c", 7, ["client", "consumer", "producer", "unspecified"], 6],
    ["tim", 3, ["time>"], 0],
    ["time>-1", 7, ["-15m", "-1h", "-1m"], 5],
    ["run=", 4, ["1", "2"], 4],
    ["zzz", 3, [], 0],
  ])("completes %j at %i", (text, offset, labels, start) => {
    const found = completeSearch(storeOf(SPANS), text, offset);
    expect(found.map(({ label }) => label)).toEqual(labels);
    for (const completion of found) expect(completion.start).toBe(start);
  });

  it("quotes what has spaces", () => {
    expect(completeSearch(storeOf(SPANS), "name=GET", 8)[0]?.insert).toBe('"GET /cart"');
  });
});

describe("durationHistogram", () => {
  it.each([
    [[], []],
    [[0], [0]],
    [
      [5e6, 7e6],
      [3, 4],
    ],
    [
      [1e6, 1e9, 9.99e9],
      [0, 15, 19],
    ],
    [
      [-5, 1],
      [0, 0],
    ],
  ])("counts %j", (durations, buckets) => {
    const { boundsNs, counts, errorCounts } = runAtOnce(
      durationHistogram(Float64Array.from(durations), new Uint8Array(durations.length).fill(1)),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(durations.length);
    expect(errorCounts).toEqual(counts);
    for (const bucket of buckets) expect(counts[bucket]).toBeGreaterThan(0);
    expect(boundsNs.length).toBe(durations.length === 0 ? 0 : counts.length + 1);
    for (const duration of durations) expect(boundsNs.at(-1)).toBeGreaterThan(duration);
  });
});
