import { expect, test } from "vitest";
import { findJavaSpan, JAVA_EXPRESSIONS, parseSdkSpan } from "../../../../src/host/active-span/java-span.ts";
import { evaluating } from "./debuggee-of.ts";
import recorded from "./java-recorded.json" with { type: "json" };

const SDK_SPAN =
  "SdkSpan{traceId=3b5a6c0f2d9e4a7b8c1d2e3f4a5b6c7d, spanId=1a2b3c4d5e6f7081, parentSpanContext=ImmutableSpanContext{traceId=3b5a6c0f2d9e4a7b8c1d2e3f4a5b6c7d, spanId=99aabbccddeeff00, traceFlags=01, traceState=ArrayBasedTraceState{entries=[]}, remote=true, valid=true}, name=GET /cart, one, kind=SERVER, attributes=AttributesMap{data={http.route=/cart/{id}, http.request.method=GET}, capacity=128, totalAddedValues=2}, status=ImmutableStatusData{statusCode=UNSET, description=}, totalRecordedEvents=0, totalRecordedLinks=0, startEpochNanos=1700000000123456789, endEpochNanos=0}";

test("a span is read from the text of its object, with its parent of another process", () => {
  expect(parseSdkSpan(SDK_SPAN)).toMatchObject({
    traceId: "3b5a6c0f2d9e4a7b8c1d2e3f4a5b6c7d",
    spanId: "1a2b3c4d5e6f7081",
    parentSpanId: "99aabbccddeeff00",
    name: "GET /cart, one",
    startTimeUnixNano: "1700000000123456789",
    ended: false,
  });
});

test("a span that has ended says so", () => {
  expect(parseSdkSpan(SDK_SPAN.replace("endEpochNanos=0", "endEpochNanos=1700000000223456789"))?.ended).toBe(
    true,
  );
});

test("no span and other texts are none", () => {
  const none =
    "PropagatedSpan{ImmutableSpanContext{traceId=00000000000000000000000000000000, spanId=0000000000000000}}";
  for (const text of [none, "", "null", undefined]) expect(parseSdkSpan(text)).toBeUndefined();
});

test("where the agent's classes are not there, the API of the class path is asked", async () => {
  const program = evaluating((expression) =>
    expression === JAVA_EXPRESSIONS[1] ? `"${SDK_SPAN}"` : undefined,
  );
  expect((await findJavaSpan(program, { threadId: 1, frameId: 1, callers: [] }))[0]?.spanId).toBe(
    "1a2b3c4d5e6f7081",
  );
});

const frame = { threadId: 1, frameId: 1, callers: [] };

test("the recorded reply of java-debug tells the span of the Java agent", async () => {
  const program = evaluating((expression) =>
    expression === JAVA_EXPRESSIONS[0] ? recorded.inSpan : recorded.noSuchClass,
  );
  expect(await findJavaSpan(program, frame)).toEqual([
    {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "175b22dd0a731611",
      parentSpanId: "b7ad6b7169203331",
      name: "GET /cart",
      startTimeUnixNano: "1795459951476510129",
      ended: false,
      attributes: [
        { key: "url.scheme", value: "http" },
        { key: "server.port", value: 45319 },
        { key: "thread.name", value: "HTTP-Dispatcher" },
        { key: "thread.id", value: 29 },
        { key: "http.request.method", value: "GET" },
        { key: "http.route", value: "/cart" },
        { key: "server.address", value: "127.0.0.1" },
        { key: "client.address", value: "127.0.0.1" },
        { key: "user_agent.original", value: "node" },
        { key: "url.path", value: "/cart/1" },
      ],
    },
  ]);
});

test("a class that is not there is an exception as the result, and the next is asked", async () => {
  const program = evaluating((expression) =>
    expression === JAVA_EXPRESSIONS[1] ? recorded.inSpan : recorded.noSuchClass,
  );
  expect((await findJavaSpan(program, frame))[0]?.spanId).toBe("175b22dd0a731611");
});

test("a thread outside of spans is asked once, and has none", async () => {
  let asked = 0;
  const program = evaluating(() => (asked++, recorded.outsideOfSpans));
  expect(await findJavaSpan(program, frame)).toEqual([]);
  expect(asked).toBe(1);
});
