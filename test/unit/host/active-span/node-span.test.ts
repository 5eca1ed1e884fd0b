import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findNodeSpan, NODE_EXPRESSION } from "../../../../src/host/active-span/node-span.ts";
import { evaluating } from "./debuggee-of.ts";

const AGENT = Symbol.for("spanlight.agent");
const frame = { threadId: 1, frameId: 1, callers: [] };
// As js-debug shows a text in the context `clipboard`, and with quotes in others.
const program = evaluating((expression) => String((0, eval)(expression)));
const quoting = evaluating((expression) => `'${String((0, eval)(expression))}'`);

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => {
  context.disable();
  Reflect.deleteProperty(globalThis, AGENT);
});

test("the active span of a program's own SDK is read with its name, parent, start and attributes", async () => {
  const tracer = new BasicTracerProvider().getTracer("test");
  const parent = tracer.startSpan("GET /cart");
  const inParent = trace.setSpan(context.active(), parent);
  const span = tracer.startSpan(
    "it's “read”",
    { attributes: { "db.rows": 3, ok: true, who: "O'Brien\\" } },
    inParent,
  );
  const [found] = await context.with(trace.setSpan(inParent, span), () => findNodeSpan(program, frame));
  expect(found).toMatchObject({
    ...idsOf(span.spanContext()),
    name: "it's “read”",
    parentSpanId: parent.spanContext().spanId,
    ended: false,
    attributes: [
      { key: "db.rows", value: 3 },
      { key: "ok", value: true },
      { key: "who", value: "O'Brien\\" },
    ],
  });
  expect(Math.abs(Number(BigInt(found?.startTimeUnixNano ?? 0) / 1_000_000n) - Date.now())).toBeLessThan(
    60_000,
  );
});

test("an adapter's quotes around the result do no harm", async () => {
  const span = new BasicTracerProvider().getTracer("test").startSpan("it's");
  const [found] = await context.with(trace.setSpan(context.active(), span), () =>
    findNodeSpan(quoting, frame),
  );
  expect(found).toMatchObject({ ...idsOf(span.spanContext()), name: "it's", parentSpanId: undefined });
});

test("the agent's span comes before that of the API, which may be another copy", async () => {
  const span = new BasicTracerProvider().getTracer("test").startSpan("by the agent");
  Reflect.set(globalThis, AGENT, { span: () => span });
  expect((await findNodeSpan(program, frame))[0]?.name).toBe("by the agent");
});

test("outside of any span nothing is found, and nothing is left behind in the program", async () => {
  const before = Object.keys(globalThis).length;
  expect(await findNodeSpan(program, frame)).toEqual([]);
  expect(Object.keys(globalThis)).toHaveLength(before);
});

test("the expression is one line, as some adapters take no other", () => {
  expect(NODE_EXPRESSION).not.toContain("\n");
});

function idsOf({ traceId, spanId }: { traceId: string; spanId: string }): object {
  return { traceId, spanId };
}
