import { expect, it } from "vitest";
import { CodeIndex, type CodeIndexQuery } from "../../../../src/engine/query/code-index.ts";
import { DurationSketch, sketchBucketOf } from "../../../../src/engine/query/duration-sketch.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import type { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { CodeIndexEntry } from "../../../../src/model/code-index.ts";
import { addSpan, idOf, storeOf, type Sketch } from "./filled-store.ts";

const CART = "/home/dev/shop/src/cart.ts";

function at(line: number, path = CART): Pick<Sketch, "attributes"> {
  return { attributes: { "code.file.path": path, "code.line.number": line } };
}

const SPANS: readonly Sketch[] = [
  { trace: 1, id: 1, name: "GET /cart", kind: 2, run: 1, startMs: 0, endMs: 100, ...at(12) },
  { trace: 1, id: 2, name: "GET", kind: 3, run: 1, startMs: 5, endMs: 15, ...at(30) },
  { trace: 2, id: 1, name: "GET /cart", kind: 2, run: 1, startMs: 50, endMs: 250, error: true, ...at(12) },
  { trace: 3, id: 1, name: "GET /cart", kind: 2, run: 2, startMs: 90, endMs: 120, ...at(12) },
  { trace: 3, id: 2, name: "price", kind: 1, run: 2, startMs: 91, endMs: undefined, ...at(40) },
  { trace: 4, id: 1, name: "POST /pay", kind: 2, run: 2, startMs: 1, ...at(12, "/home/dev/shop/src/pay.ts") },
  { trace: 5, id: 1, name: "nowhere", kind: 2, startMs: 1 },
];

function read(index: CodeIndex, query: Partial<CodeIndexQuery> = {}): readonly CodeIndexEntry[] {
  return runAtOnce(index.read({ path: CART, ...query }));
}

function brief(entries: readonly CodeIndexEntry[]): unknown[] {
  return entries.map(({ line, operation, run, count, errorCount }) => [
    line,
    operation,
    run,
    count,
    errorCount,
  ]);
}

it("tells the operations of a file by line and run, with their figures", () => {
  const index = new CodeIndex(storeOf(SPANS));
  const entries = read(index);
  expect(brief(entries)).toEqual([
    [12, "GET /cart", 2, 1, 0],
    [12, "GET /cart", 1, 2, 1],
    [30, "GET", 1, 1, 0],
    [40, "price", 2, 1, 0],
  ]);
  expect(entries.map(({ role }) => role)).toEqual(["handles", "handles", "calls", "runs"]);
  const [, ofFirstRun, , running] = entries;
  expect(ofFirstRun).toMatchObject({
    path: CART,
    service: "shop",
    lastTraceId: idOf(2),
    lastRow: 2,
    slowestTraceId: idOf(2),
    lastErrorRow: 2,
  });
  expect((ofFirstRun?.p50Ns ?? 0) / 100e6).toBeCloseTo(1, 1);
  expect((ofFirstRun?.p95Ns ?? 0) / 200e6).toBeCloseTo(1, 1);
  expect(running).toMatchObject({
    p50Ns: undefined,
    p95Ns: undefined,
    slowestTraceId: undefined,
    lastErrorRow: undefined,
  });
});

it("tells the files that spans name, once for each service and run", () => {
  const spans: readonly Sketch[] = [...SPANS, { trace: 6, id: 1, service: "till", run: 2, ...at(1) }];
  expect(runAtOnce(new CodeIndex(storeOf(spans)).sources())).toEqual([
    { path: CART, service: "shop", run: 1, session: undefined },
    { path: CART, service: "shop", run: 2, session: undefined },
    { path: "/home/dev/shop/src/pay.ts", service: "shop", run: 2, session: undefined },
    { path: CART, service: "till", run: 2, session: undefined },
  ]);
});

it("finds the slowest span and the last error across chunks", () => {
  const store = storeOf([]);
  for (let n = 0; n < 9000; n++)
    addSpan(store, {
      trace: (n % 200) + 1,
      id: (n % 250) + 1,
      name: "one",
      startMs: n,
      endMs: n + (n === 4500 ? 90 : 3),
      error: n === 70 || n === 4100,
      ...at(1),
    });
  const [entry] = read(new CodeIndex(store));
  expect(entry).toMatchObject({
    lastRow: 8999,
    slowestTraceId: idOf((4500 % 200) + 1),
    lastErrorRow: 4100,
    errorCount: 2,
  });
});

it.each<[query: Partial<CodeIndexQuery>, lines: number[]]>([
  [{ run: 2 }, [12, 40]],
  [{ run: 7 }, []],
  [{ path: "/home/dev/shop/src/pay.ts" }, [12]],
  [{ path: "C:\\shop\\src\\pay.ts" }, []],
  [{ path: "/elsewhere/cart.ts" }, []],
])("restricts to %j", (query, lines) => {
  expect(read(new CodeIndex(storeOf(SPANS)), query).map(({ line }) => line)).toEqual(lines);
});

it("follows what arrives, completes and leaves", () => {
  const store = storeOf(SPANS);
  const index = new CodeIndex(store);
  expect(brief(read(index, { run: 2 }))).toEqual([
    [12, "GET /cart", 2, 1, 0],
    [40, "price", 2, 1, 0],
  ]);
  addSpan(store, {
    trace: 3,
    id: 2,
    name: "price",
    kind: 1,
    run: 2,
    startMs: 91,
    endMs: 99,
    error: true,
    ...at(40),
  });
  addSpan(store, { trace: 6, id: 1, name: "GET /cart", kind: 2, run: 2, startMs: 95, ...at(12) });
  expect(brief(read(index, { run: 2 }))).toEqual([
    [12, "GET /cart", 2, 2, 0],
    [40, "price", 2, 1, 1],
  ]);
  store.pin(idOf(6), true);
  store.clear(true);
  expect(brief(read(index))).toEqual([[12, "GET /cart", 2, 1, 0]]);
  store.pin(idOf(6), false);
  store.clear(false);
  expect(read(index)).toEqual([]);
});

it("reads a chunk again only when it has changed", () => {
  const store: SpanStore = storeOf([]);
  for (let n = 0; n < 5000; n++)
    addSpan(store, { trace: (n % 200) + 1, id: (n % 250) + 1, startMs: n, ...at(1 + (n % 50)) });
  let asked = 0;
  const index = new CodeIndex(store, () => ++asked);
  const countOf = (): number => read(index).reduce((sum, { count }) => sum + count, 0);
  expect([countOf(), asked]).toEqual([5000, 5000]);
  expect([countOf(), asked]).toEqual([5000, 5000]);
  addSpan(store, { trace: 1, id: 9999, startMs: 9999, ...at(7) });
  // The first 4,096 rows are a chunk of their own, which is as it was.
  expect([countOf(), asked]).toEqual([5001, 5000 + 905]);
});

it("takes durations from whoever knows better, and leaves out spans without one", () => {
  const index = new CodeIndex(storeOf(SPANS), (_chunk, _index, row) => (row === 0 ? undefined : 1000));
  const [, ofFirstRun] = read(index);
  expect(ofFirstRun).toMatchObject({ count: 1 });
  expect((ofFirstRun?.p50Ns ?? 0) / 1000).toBeCloseTo(1, 1);
});

it.each([1, 17, 999, 1e6, 123_456_789, 3.6e12])("keeps %d ns within 2.2 %%", (duration) => {
  const sketch = new DurationSketch();
  sketch.add(Uint16Array.of(0, sketchBucketOf(duration), 900), 1, 2);
  expect(Math.abs((sketch.quantile(0.5) ?? 0) / duration - 1)).toBeLessThan(0.0221);
});

it("takes quantiles by rank", () => {
  const sketch = new DurationSketch();
  sketch.add(
    Uint16Array.from([1, 2, 3, 4], (ms) => sketchBucketOf(ms * 1e6)),
    0,
    4,
  );
  expect([0.25, 0.5, 0.95].map((share) => Math.round((sketch.quantile(share) ?? 0) / 1e6))).toEqual([
    1, 2, 4,
  ]);
  sketch.clear();
  expect(sketch.quantile(0.5)).toBeUndefined();
});

it("counts durations that are none as nothing", () => {
  expect([0, -5, Number.NaN].map(sketchBucketOf)).toEqual([0, 0, 0]);
});

const PYTHON_STACK = `Traceback (most recent call last):
  File "/usr/lib/python3/site-packages/flask/app.py", line 880, in full_dispatch_request
    rv = self.dispatch_request()
  File "/srv/shop/cart.py", line 31, in cart
    raise KeyError(id)
KeyError: 77
`;
const NODE_STACK = `    at Connection.query (/srv/shop/node_modules/pg/lib/client.js:10:3)
    at price (/srv/shop/src/price.js:40:12)`;

it("tells the place in a span's stack where no attribute tells one", () => {
  const stacked: Sketch = { id: 1, name: "SELECT", kind: 3, attributes: { "code.stacktrace": NODE_STACK } };
  const index = new CodeIndex(storeOf([stacked, { ...stacked, trace: 2 }]));
  expect(read(index, { path: "/srv/shop/src/price.js" })).toMatchObject([
    { line: 40, role: "calls", evidence: "stack", count: 2 },
  ]);
});

it("tells where a failure was thrown beside the handler that may be looked up", () => {
  const store = storeOf([
    { id: 1, name: "GET /cart/<id>", kind: 2, attributes: { "http.route": "/cart/<id>" } },
    {
      id: 2,
      trace: 2,
      name: "GET /cart/<id>",
      kind: 2,
      error: true,
      attributes: { "http.route": "/cart/<id>" },
      exception: PYTHON_STACK,
    },
    { id: 3, trace: 3, name: "cron", kind: 1, attributes: { "http.route": "/cart/<id>" } },
  ]);
  const index = new CodeIndex(store);
  expect(read(index, { path: "/srv/shop/cart.py" })).toMatchObject([
    { line: 31, role: "throws", evidence: "stack", count: 1, errorCount: 1, lastErrorRow: 1 },
  ]);
  expect(read(index, { path: "" })).toMatchObject([
    { path: "", line: 0, role: "handles", evidence: "lookup", count: 2, errorCount: 1, lastRow: 1 },
  ]);
});

it("reads a bounded number of stacks, and all else of the rows beyond", () => {
  const store = storeOf([]);
  for (let n = 0; n < 600; n++)
    addSpan(store, {
      id: 1 + (n % 250),
      trace: 1 + (n % 251),
      name: "GET /cart",
      kind: 2,
      error: true,
      attributes: { "http.route": "/cart" },
      exception: PYTHON_STACK.replace("77", String(n)),
    });
  const index = new CodeIndex(store);
  expect(read(index, { path: "/srv/shop/cart.py" })).toMatchObject([{ count: 256 }]);
  expect(read(index, { path: "" })).toMatchObject([{ count: 600 }]);
});
