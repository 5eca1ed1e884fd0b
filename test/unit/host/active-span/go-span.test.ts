import { expect, test } from "vitest";
import type { Debuggee } from "../../../../src/host/active-span/debuggee.ts";
import { findGoSpan, hexOfDecimals, unixNanos } from "../../../../src/host/active-span/go-span.ts";

/** Variables by frame, and values and types by expression: what Delve answers of a stopped goroutine. */
interface Goroutine {
  readonly frames: readonly (readonly { name: string; type: string; value?: string }[])[];
  readonly values: Readonly<Record<string, { result?: string; type?: string }>>;
}

function delve({ frames, values }: Goroutine): Debuggee {
  return {
    request(command, args) {
      switch (command) {
        case "stackTrace":
          // Other numbers than those that the editor has from its own question.
          return Promise.resolve({ stackFrames: frames.map((_, id) => ({ id: id + 2000 })) });
        case "scopes":
          return Promise.resolve({
            scopes: [{ name: "Locals", variablesReference: Number(args["frameId"]) }],
          });
        case "variables":
          return Promise.resolve({ variables: frames[Number(args["variablesReference"]) % 1000] });
        default: {
          const value = values[String(args["expression"])];
          return value === undefined
            ? Promise.reject(new Error("Unable to evaluate expression"))
            : Promise.resolve({ result: "", type: "", ...value });
        }
      }
    },
  };
}

const bytes = (count: number, first: number): string =>
  `[${Array.from({ length: count }, (_, index) => first + index).join(",")}]`;
const spanAt = (expression: string): Goroutine["values"] => ({
  [`${expression}.spanContext.traceID`]: { result: `go.opentelemetry.io/otel/trace.TraceID ${bytes(16, 1)}` },
  [`${expression}.spanContext.spanID`]: { result: `go.opentelemetry.io/otel/trace.SpanID ${bytes(8, 200)}` },
  [`${expression}.name`]: { result: '"GET /stock"' },
  [`${expression}.parent.spanID`]: { result: `trace.SpanID ${bytes(8, 100)}` },
  [`${expression}.startTime.wall`]: { result: "13962013580000000789" },
  [`${expression}.startTime.ext`]: { result: "12345" },
  [`${expression}.endTime.wall`]: { result: "0" },
  [`${expression}.endTime.ext`]: { result: "0" },
});
const CONTEXT_KEY = { type: "go.opentelemetry.io/otel/trace.traceContextKeyType" };
const SPAN = {
  traceId: "0102030405060708090a0b0c0d0e0f10",
  spanId: "c8c9cacbcccdcecf",
  parentSpanId: "6465666768696a6b",
  name: "GET /stock",
  ended: false,
};

test.each<readonly [where: string, goroutine: Goroutine]>([
  [
    "a context that holds the span itself",
    {
      frames: [[{ name: "ctx", type: "context.Context(*context.valueCtx)" }]],
      values: { "ctx.key": CONTEXT_KEY, ...spanAt("ctx.val") },
    },
  ],
  [
    "a request's context, two layers out, in the caller's frame",
    {
      frames: [
        [{ name: "n", type: "int" }],
        [{ name: "r", type: "*net/http.Request", value: "*{Method: GET}" }],
      ],
      values: {
        "r.ctx.key": { type: "string" },
        "r.ctx.Context": { type: "context.Context(*context.valueCtx)" },
        "r.ctx.Context.key": CONTEXT_KEY,
        ...spanAt("r.ctx.Context.val"),
      },
    },
  ],
  [
    "a variable that is a span",
    {
      frames: [[{ name: "span", type: "go.opentelemetry.io/otel/trace.Span(*recordingSpan)" }]],
      values: spanAt("span"),
    },
  ],
])("the span is found in %s", async (_, goroutine) => {
  expect(await findGoSpan(delve(goroutine), { threadId: 1, frameId: 1000 })).toMatchObject([SPAN]);
});

test("the frame that is selected counts, though a frame further in is in another span", async () => {
  const goroutine: Goroutine = {
    frames: [
      [{ name: "span", type: "go.opentelemetry.io/otel/trace.Span(*recordingSpan)" }],
      [{ name: "ctx", type: "context.Context(*context.valueCtx)" }],
    ],
    values: {
      ...spanAt("span"),
      "span.name": { result: '"count"' },
      "ctx.key": CONTEXT_KEY,
      ...spanAt("ctx.val"),
    },
  };
  const nameAt = async (frameId: number): Promise<string | undefined> =>
    (await findGoSpan(delve(goroutine), { threadId: 1, frameId }))[0]?.name;
  expect([await nameAt(1000), await nameAt(1001)]).toEqual(["count", "GET /stock"]);
});

test("the spans of the outer layers of a context follow: they are the callers in this process", async () => {
  const goroutine: Goroutine = {
    frames: [[{ name: "ctx", type: "context.Context(*context.valueCtx)" }]],
    values: {
      "ctx.key": CONTEXT_KEY,
      ...spanAt("ctx.val"),
      "ctx.Context": { type: "context.Context(*context.cancelCtx)" },
      "ctx.Context.Context": { type: "context.Context(*context.valueCtx)" },
      "ctx.Context.Context.key": CONTEXT_KEY,
      ...spanAt("ctx.Context.Context.val"),
      "ctx.Context.Context.val.spanContext.spanID": { result: `trace.SpanID ${bytes(8, 100)}` },
    },
  };
  const found = await findGoSpan(delve(goroutine), { threadId: 1, frameId: 1000 });
  expect(found.map(({ spanId }) => spanId)).toEqual([SPAN.spanId, SPAN.parentSpanId]);
});

test("a context that leads nowhere, and what the compiler took away, is no span", async () => {
  const goroutine: Goroutine = {
    frames: [
      [
        { name: "ctx", type: "context.Context(context.backgroundCtx)" },
        { name: "gone", type: "context.Context", value: "(unreadable could not find loclist entry)" },
      ],
    ],
    values: {},
  };
  expect(await findGoSpan(delve(goroutine), { threadId: 1, frameId: 1000 })).toEqual([]);
});

test("no expression calls a function: nothing runs in the program", async () => {
  const asked: string[] = [];
  const inner = delve({
    frames: [[{ name: "ctx", type: "context.Context" }]],
    values: { "ctx.key": CONTEXT_KEY, ...spanAt("ctx.val") },
  });
  await findGoSpan(
    {
      request: (command, args) => (
        asked.push(typeof args["expression"] === "string" ? args["expression"] : ""),
        inner.request(command, args)
      ),
    },
    { threadId: 1, frameId: 1000 },
  );
  expect(asked.filter((expression) => /[()]/.test(expression))).toEqual([]);
  expect(asked.length).toBeGreaterThan(5);
});

test.each([
  ["trace.TraceID [12,233,0,255]", "0ce900ff"],
  ["[4]uint8 [1, 2, 3, 4]", "01020304"],
  ["[1,256]", undefined],
  ["nil", undefined],
])("%s is %s", (text, hex) => {
  expect(hexOfDecimals(text)).toBe(hex);
});

test.each<readonly [wall: string, ext: string, nanos: string | undefined]>([
  // time.Date(2023, 11, 14, 22, 13, 20, 789, UTC) without a monotonic clock, and with one.
  ["789", "63835596800", "1700000000000000789"],
  [String((1n << 63n) | ((1_700_000_000n + 2_682_288_000n) << 30n) | 789n), "1", "1700000000000000789"],
  ["x", "1", undefined],
])("Go's time of wall %s and ext %s is %s", (wall, ext, nanos) => {
  expect(unixNanos(wall, ext)).toBe(nanos);
});
