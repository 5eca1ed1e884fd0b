import { expect, test } from "vitest";
import { findJavaSpan, JAVA_EXPRESSIONS, parseSdkSpan } from "../../../../src/host/active-span/java-span.ts";
import { evaluating } from "./debuggee-of.ts";

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
  expect((await findJavaSpan(program, { threadId: 1, frameId: 1 }))[0]?.spanId).toBe("1a2b3c4d5e6f7081");
});
