import { describe, expect, it } from "vitest";
import { accessibleSpanName, baseName, spokenDuration } from "../../../../webview/view/span-words.ts";
import { buildColumns, type SpanSpec } from "../../../webview/harness/columns.ts";
import { traceIdOf } from "../../../webview/harness/sample-traces.ts";

function nameOf(child: Partial<SpanSpec>): string {
  const columns = buildColumns({
    traceId: traceIdOf(1),
    startMs: 0,
    roots: [
      {
        name: "POST /checkout",
        startMs: 0,
        endMs: 350,
        children: [{ name: "SELECT product", startMs: 0, endMs: 143, ...child }],
      },
    ],
  });
  return accessibleSpanName(columns, 1, 350e6);
}

describe("accessibleSpanName", () => {
  it.each<[string, Partial<SpanSpec>, string]>([
    [
      "name, duration, service, state, share, place, in this order",
      { place: { path: "/shop/api/src/checkout.ts", line: 39 } },
      "SELECT product, 143 milliseconds, api, ended, 41 % of POST /checkout, at checkout.ts line 39",
    ],
    ["an error", { status: "error" }, "SELECT product, 143 milliseconds, api, error, 41 % of POST /checkout"],
    [
      "a span that runs, up to now",
      { endMs: undefined },
      "SELECT product, 350 milliseconds, api, running, 100 % of POST /checkout",
    ],
    ["a lost span", { state: "lost" }, "SELECT product, 143 milliseconds, api, lost, 41 % of POST /checkout"],
    [
      "a file without a line",
      { place: { path: "C:\\shop\\a.py", line: 0 } },
      "SELECT product, 143 milliseconds, api, ended, 41 % of POST /checkout, at a.py",
    ],
    [
      "a span without name and service",
      { name: " ", service: "" },
      "(no name), 143 milliseconds, unknown service, ended, 41 % of POST /checkout",
    ],
  ])("says %s", (_, child, expected) => {
    expect(nameOf(child)).toBe(expected);
  });
});

describe("spokenDuration", () => {
  it.each([
    [412, "412 nanoseconds"],
    [412e3, "412 microseconds"],
    [12.4e6, "12.4 milliseconds"],
    [1.94e9, "1.94 seconds"],
    [125e9, "2 minutes 5 seconds"],
    [11_220e9, "3 hours 07 minutes"],
  ])("says %d ns as %s", (durationNs, expected) => {
    expect(spokenDuration(durationNs)).toBe(expected);
  });
});

describe("baseName", () => {
  it.each([
    ["/a/b/c.ts", "c.ts"],
    ["C:\\a\\b.cs", "b.cs"],
    ["file:///a/b.mjs?x=1#y", "b.mjs"],
    ["../../etc/passwd", "passwd"],
    ["", ""],
  ])("of %j is %j", (path, expected) => {
    expect(baseName(path)).toBe(expected);
  });
});
