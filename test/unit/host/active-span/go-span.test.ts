import { expect, test } from "vitest";
import type { Debuggee } from "../../../../src/host/active-span/debuggee.ts";
import { findGoSpan } from "../../../../src/host/active-span/go-span.ts";

/** Variables by frame, and values by expression: what Delve answers of a stopped goroutine. */
interface Goroutine {
  readonly frames: readonly (readonly { name: string; type: string; value?: string }[])[];
  readonly values: Readonly<Record<string, string>>;
}

interface Asked {
  readonly command: string;
  readonly expression: string;
  /** Requests that were not sent before this one's wave was answered. */
  readonly wave: number;
}

/** Answers in waves: what is asked before anything of a wave was answered is of that wave. */
function delve({ frames, values }: Goroutine): Debuggee & { readonly asked: Asked[] } {
  const asked: Asked[] = [];
  let wave = 0;
  let open: Promise<void> | undefined;
  const answer = (command: string, args: Readonly<Record<string, unknown>>): unknown => {
    switch (command) {
      case "scopes":
        return { scopes: [{ name: "Locals", variablesReference: Number(args["frameId"]) }] };
      case "variables":
        return { variables: frames[Number(args["variablesReference"]) - 1000] };
      default: {
        const [name] = String(args["expression"]).split(".");
        const isThere = frames[Number(args["frameId"]) - 1000]?.some((variable) => variable.name === name);
        const result = isThere === true ? values[String(args["expression"])] : undefined;
        if (result === undefined) throw new Error("Unable to evaluate expression");
        return { result, type: "" };
      }
    }
  };
  return {
    asked,
    request: async (command, args) => {
      open ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        open = undefined;
        wave++;
      });
      const { expression = "" } = args as { readonly expression?: string };
      asked.push({ command, expression, wave });
      await open;
      return answer(command, args);
    },
  };
}

function find(program: Debuggee, frames: number): ReturnType<typeof findGoSpan> {
  const [frameId = 0, ...callers] = Array.from({ length: frames }, (_, n) => 1000 + n);
  return findGoSpan(program, { threadId: 1, frameId, callers });
}

const bytes = (count: number, first: number): string =>
  `[${Array.from({ length: count }, (_, index) => first + index).join(",")}]`;
const context = (field: string, span: string): string =>
  `${field}: trace.SpanContext {traceID: trace.TraceID ${bytes(16, 1)}, spanID: trace.SpanID ${span}, traceFlags: FlagsSampled (1), remote: false}`;
/** A span as Delve writes it, shortened. */
const recording = (span: string, parent: string, name = "GET /stock", attributes = 0): string =>
  `interface {}(*trace.recordingSpan) *{Span: embedded.Span nil, mu: sync.Mutex {_: sync.noCopy {}, mu: (*"internal/sync.Mutex")(0x1b7046484d30)}, ` +
  `${context("parent", parent)}, spanKind: SpanKindServer (2), name: ${JSON.stringify(name)}, ` +
  `startTime: time.Time(2026-11-23T21:53:56Z, +28726716){wall: 13962013580000000789, ext: 12345, loc: *(*time.Location)(0x16f1b40)}, ` +
  `endTime: time.Time(0001-01-01T00:00:00Z){wall: 0, ext: 0, loc: *time.Location nil}, childSpanCount: 1, ` +
  `${context("spanContext", span)}, attributes: []attribute.KeyValue len: ${attributes}, cap: 10, nil}`;
const [inner, outer, caller] = [bytes(8, 200), bytes(8, 100), bytes(8, 50)];
/** A layer of a context that holds a span. */
const spanIn = (layer: string, text: string): Goroutine["values"] => ({
  [layer]: "context.Context(*context.valueCtx) …",
  [`${layer}.val`]: text,
  [`${layer}.val.spanContext.traceID`]: `trace.TraceID ${bytes(16, 1)}`,
});
const CTX = { name: "ctx", type: "context.Context(*context.valueCtx)" };
const SPAN = {
  traceId: "0102030405060708090a0b0c0d0e0f10",
  spanId: "c8c9cacbcccdcecf",
  parentSpanId: "6465666768696a6b",
  name: "GET /stock",
  ended: false,
};

test.each<readonly [where: string, waves: number, requests: number, goroutine: Goroutine]>([
  [
    "a context that holds the span itself",
    3,
    29,
    { frames: [[CTX]], values: spanIn("ctx", recording(inner, outer)) },
  ],
  [
    "a request's context, two layers out, in the caller's frame",
    4,
    31,
    {
      frames: [
        [{ name: "n", type: "int" }],
        [{ name: "r", type: "*net/http.Request", value: "*{Method: GET}" }],
      ],
      values: { "r.ctx": "…", ...spanIn("r.ctx.Context", recording(inner, outer)) },
    },
  ],
  [
    "a variable that is a span",
    3,
    5,
    {
      frames: [[{ name: "span", type: "go.opentelemetry.io/otel/trace.Span(*recordingSpan)" }]],
      values: { span: recording(inner, outer) },
    },
  ],
  [
    "the outermost of sixteen layers",
    4,
    53,
    {
      frames: [[CTX]],
      values: {
        ...Object.fromEntries(Array.from({ length: 15 }, (_, n) => [`ctx${".Context".repeat(n)}`, "…"])),
        ...spanIn(`ctx${".Context".repeat(15)}`, recording(inner, outer)),
      },
    },
  ],
  [
    "what is behind a context without cancellation",
    4,
    53,
    {
      frames: [[CTX]],
      values: {
        ctx: "context.Context(context.withoutCancelCtx) …",
        ...spanIn("ctx.c", recording(inner, outer)),
      },
    },
  ],
])("the span is found in %s: %i waves of requests, %i in all", async (_, waves, requests, goroutine) => {
  const program = delve(goroutine);
  expect(await find(program, goroutine.frames.length)).toMatchObject([SPAN]);
  expect(program.asked.length).toBe(requests);
  expect(new Set(program.asked.map(({ wave }) => wave)).size).toBe(waves);
});

test("the spans of the outer layers of a context follow: they are the callers in this process", async () => {
  const program = delve({
    frames: [[CTX]],
    values: {
      ...spanIn("ctx", recording(inner, outer)),
      "ctx.Context": "context.Context(*context.cancelCtx) …",
      ...spanIn("ctx.Context.Context", recording(outer, caller)),
    },
  });
  const found = await find(program, 1);
  expect(found.map(({ spanId }) => spanId)).toEqual([SPAN.spanId, SPAN.parentSpanId]);
});

test("attributes of the active span are read, each with a request of its own, all at once", async () => {
  const value = (vtype: string, numeric: bigint, text: string): string =>
    `attribute.Value {vtype: ${vtype}, numeric: ${numeric}, stringly: ${JSON.stringify(text)}, slice: interface {} nil}`;
  const program = delve({
    frames: [[CTX]],
    values: {
      ...spanIn("ctx", recording(inner, outer, "GET /stock", 3)),
      "ctx.val.attributes[0]": `attribute.KeyValue {Key: "url.path", Value: ${value("STRING (4)", 0n, "/stock/lamp")}}`,
      "ctx.val.attributes[1]": `attribute.KeyValue {Key: "server.port", Value: ${value("INT64 (2)", 4642n, "")}}`,
      "ctx.val.attributes[2]": `attribute.KeyValue {Key: "tags", Value: ${value("STRINGSLICE (8)", 0n, "")}}`,
    },
  });
  const [span] = await find(program, 1);
  expect(span?.attributes).toEqual([
    { key: "url.path", value: "/stock/lamp" },
    { key: "server.port", value: 4642 },
  ]);
  const waves = program.asked
    .filter(({ expression }) => expression.includes("attributes"))
    .map(({ wave }) => wave);
  expect(new Set(waves).size).toBe(1);
});

test("a context that leads nowhere, and what the compiler took away, is no span", async () => {
  const program = delve({
    frames: [
      [
        { name: "ctx", type: "context.Context(context.backgroundCtx)" },
        { name: "gone", type: "context.Context", value: "(unreadable could not find loclist entry)" },
      ],
    ],
    values: {},
  });
  expect(await find(program, 1)).toEqual([]);
});

test("no expression calls a function: nothing runs in the program", async () => {
  const program = delve({ frames: [[CTX]], values: spanIn("ctx", recording(inner, outer)) });
  await find(program, 1);
  const expressions = program.asked.map(({ expression }) => expression).filter((text) => text !== "");
  expect(expressions.filter((expression) => /[()]/.test(expression))).toEqual([]);
  expect(expressions.length).toBeGreaterThan(5);
});
