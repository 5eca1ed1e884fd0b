import { describe, expect, test } from "vitest";
import { parseGoDuration } from "../../../../src/engine/serve/go-duration.ts";
import { parseJaegerSearch } from "../../../../src/engine/serve/jaeger-query.ts";
import { parseRfc3339 } from "../../../../src/engine/serve/rfc3339.ts";

test.each([
  ["10s", 10e9],
  ["1h30m", 5400e9],
  ["1.5ms", 1.5e6],
  ["250us", 250e3],
  ["250µs", 250e3],
  ["0", 0],
  ["5", undefined],
  ["-5s", undefined],
  ["s", undefined],
  ["", undefined],
  ["9".repeat(100) + "s", undefined],
])("the duration %j is %s ns", (text, expected) => {
  expect(parseGoDuration(text)).toBe(expected);
});

test.each([
  ["1970-01-01T00:00:01Z", 1_000_000_000n],
  ["1970-01-01T00:00:00.000000001Z", 1n],
  ["1970-01-01T01:00:00.5+01:00", 500_000_000n],
  ["1970-13-01T00:00:00Z", undefined],
  ["1700000000", undefined],
])("the time %j is %s", (text, expected) => {
  expect(parseRfc3339(text)).toBe(expected);
});

describe("a search's parameters", () => {
  test.each([
    ["query.service_name=a&query.duration_min=1s&query.search_depth=5"],
    ["query.serviceName=a&query.durationMin=1s&query.num_traces=5"],
  ])("are read in snake and in camel case: %s", (text) => {
    expect(parseJaegerSearch(new URLSearchParams(text))).toMatchObject({
      ok: true,
      value: { conditions: { service: "a", minDurationNs: 1e9 }, depth: 5 },
    });
  });

  test.each([
    "query.start_time_min=yesterday",
    "query.duration_max=5",
    "query.search_depth=-1",
    "query.attributes=[]",
    "query.attributes={",
    'query.attributes={"a":1}',
    "query.filter={}",
  ])("are refused where they cannot be read: %s", (text) => {
    expect(parseJaegerSearch(new URLSearchParams(text)).ok).toBe(false);
  });

  test("ask for no more traces than one reply holds", () => {
    const search = parseJaegerSearch(new URLSearchParams("query.search_depth=999999999"));
    expect(search).toMatchObject({ ok: true, value: { depth: 1000 } });
  });
});
