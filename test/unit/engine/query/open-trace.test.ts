import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buffersOf, openTrace } from "../../../../src/engine/query/open-trace.ts";
import { NO_STRING, PARENT_MISSING, PARENT_ROOT, type TraceColumns } from "../../../../src/model/trace.ts";
import { decodeTracesProtobuf } from "../../../../src/engine/decode/otlp-protobuf.ts";
import { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { RunNumber } from "../../../../src/model/ids.ts";
import { SpanBatch } from "../../../../src/model/span-batch.ts";
import { encodeRequest, requestOf, spanOf } from "../otlp-oracle.ts";
import { idOf, storeOf, type Sketch } from "./filled-store.ts";

function open(spans: readonly Sketch[]): TraceColumns {
  const columns = openTrace(storeOf(spans), idOf(1));
  if (columns === undefined) throw new Error("the trace is not held");
  return columns;
}

/** The tree in short, one `name<parent's index` per span in the columns' order. */
function shape(spans: readonly Sketch[]): string[] {
  const { name, parent, strings, depth } = open(spans);
  return [...name].map((number, n) => `${"·".repeat(depth[n] ?? 0)}${strings[number]}<${parent[n]}`);
}

const span = (id: number, parent?: number, startMs = id): Sketch => ({
  id,
  name: String(id),
  startMs,
  ...(parent !== undefined && { parent }),
});

describe("openTrace", () => {
  it.each<[title: string, spans: Sketch[], expected: string[]]>([
    ["a parent before its children", [span(2, 1), span(3, 2), span(1)], ["1<-1", "·2<0", "··3<1"]],
    [
      "siblings by start",
      [span(1, undefined, 0), span(2, 1, 9), span(3, 1, 5), span(4, 3, 6)],
      ["1<-1", "·3<0", "··4<1", "·2<0"],
    ],
    [
      "siblings of one start by arrival",
      [span(1, undefined, 0), span(3, 1, 5), span(2, 1, 5)],
      ["1<-1", "·3<0", "·2<0"],
    ],
    ["several roots by start", [span(2), span(1)], ["1<-1", "2<-1"]],
    ["an orphan", [span(1), span(2, 9)], ["1<-1", "2<-2"]],
    ["orphans before a later root", [span(2, 9, 1), span(1, undefined, 5)], ["2<-2", "1<-1"]],
    ["a span that is its own parent", [span(1, 1), span(2, 1)], ["1<-1", "·2<0"]],
    ["a circle", [span(3, 2), span(2, 1), span(1, 3)], ["1<-1", "·2<0", "··3<1"]],
    ["a circle beside a root", [span(5), span(6, 7), span(7, 6)], ["5<-1", "6<-1", "·7<1"]],
  ])("orders %s", (_title, spans, expected) => {
    expect(shape(spans)).toEqual(expected);
  });

  it("hangs a child under the span of its own process where two share an id", () => {
    const client = { id: 2, parent: 1, name: "client", service: "web", kind: 3, startMs: 1 };
    const server = { id: 2, parent: 1, name: "server", service: "api", kind: 2, startMs: 2 };
    const child = { id: 3, parent: 2, name: "query", service: "api", startMs: 3 };
    expect(shape([span(1), client, server, child])).toEqual(["1<-1", "·client<0", "·server<0", "··query<2"]);
  });

  it("gives any set of parents a tree that holds every span once", () => {
    const parents = fc.array(fc.nat(12), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(parents, (list) => {
        const spans = list.map((parent, n) => span(n + 1, parent === 0 ? undefined : parent, (n * 7) % 5));
        const { row, parent, depth, spanCount } = open(spans);
        expect(spanCount).toBe(spans.length);
        expect(new Set(row).size).toBe(spans.length);
        parent.forEach((at, n) => {
          expect(at).toBeLessThan(n);
          expect(depth[n]).toBe(at < 0 ? 0 : (depth[at] ?? 0) + 1);
        });
      }),
    );
  });

  it("opens a chain of 100,000 spans, and says that it is at least 65,535 deep", () => {
    const id = (n: number): number[] => [1, 1, 1, 1, 1, n >>> 16, (n >>> 8) & 0xff, n & 0xff];
    const spans = Array.from({ length: 100_000 }, (_, n) =>
      spanOf(1, { spanId: id(n), ...(n > 0 && { parentSpanId: id(n - 1) }) }),
    );
    const batch = new SpanBatch();
    decodeTracesProtobuf(encodeRequest(requestOf(spans)), batch);
    const store = new SpanStore({ maxBytes: 1e9 });
    store.append(batch, { session: undefined, run: 0 as RunNumber, channel: "http" });
    const columns = openTrace(store, idOf(1));
    expect([columns?.spanCount, columns?.depth.at(-1), columns?.parent.at(-1)]).toEqual([
      100_000, 65_535, 99_998,
    ]);
  });

  it("counts times from the trace's start, NaN while a span runs", () => {
    const columns = open([
      { id: 1, startMs: 10, endMs: undefined },
      { id: 2, parent: 1, startMs: 12, endMs: 15 },
      { id: 3, parent: 1, startMs: 13, endMs: 12 },
    ]);
    expect([...columns.start]).toEqual([0, 2e6, 3e6]);
    expect([...columns.end]).toEqual([Number.NaN, 5e6, 2e6]);
    expect(columns).toMatchObject({
      startTimeUnixNano: "1700000000010000000",
      durationNs: 5e6,
      startMs: 1_700_000_000_010,
    });
    expect([...columns.state]).toEqual([1, 0, 0]);
  });

  it("shares names and services as numbers", () => {
    const columns = open([
      { id: 1, name: "a", service: "web" },
      { id: 2, name: "b", service: "web", startMs: 1, error: true, kind: 3 },
      { id: 3, name: "a", service: "db", startMs: 2 },
    ]);
    const text = (numbers: Uint32Array): unknown[] => [...numbers].map((number) => columns.strings[number]);
    expect([text(columns.name), text(columns.service)]).toEqual([
      ["a", "b", "a"],
      ["web", "web", "db"],
    ]);
    expect([[...columns.status], [...columns.kind]]).toEqual([
      [0, 2, 0],
      [1, 3, 1],
    ]);
  });

  it("fills in the place in code, by the present and the former attributes", () => {
    const { path, line, strings } = open([
      { id: 1, startMs: 1, attributes: { "code.file.path": "/a.ts", "code.line.number": 7 } },
      { id: 2, startMs: 2, attributes: { "code.filepath": "/b.ts", "code.lineno": "8" } },
      { id: 3, startMs: 3, attributes: { "code.file.path": "../../etc/passwd", "code.line.number": -1 } },
      { id: 4, startMs: 4 },
    ]);
    expect([...path].map((number) => (number === NO_STRING ? undefined : strings[number]))).toEqual([
      "/a.ts",
      "/b.ts",
      "../../etc/passwd",
      undefined,
    ]);
    expect([...line]).toEqual([7, 8, 0, 0]);
  });

  it("hands out buffers of its own, all of which can be transferred", () => {
    const store = storeOf([span(1), span(2, 1)]);
    const columns = openTrace(store, idOf(1));
    if (columns === undefined) throw new Error("the trace is not held");
    const buffers = buffersOf(columns);
    expect(new Set(buffers).size).toBe(12);
    structuredClone(columns, { transfer: buffers });
    expect(openTrace(store, idOf(1))?.parent).toEqual(Int32Array.of(PARENT_ROOT, 0));
  });

  it("answers nothing for a trace that is not held, or has not changed", () => {
    const store = storeOf([span(1)]);
    expect(openTrace(store, idOf(2))).toBeUndefined();
    expect(openTrace(store, idOf(1), openTrace(store, idOf(1))?.version)).toBeUndefined();
    expect(PARENT_MISSING).toBe(-2);
  });
});
