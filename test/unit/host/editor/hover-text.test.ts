import { expect, test } from "vitest";
import { errorMessageOf, hoverText } from "../../../../src/host/editor/hover-text.ts";
import type { TraceId } from "../../../../src/model/ids.ts";
import type { Span } from "../../../../src/model/span.ts";
import { notedOf } from "./entries.ts";

const PLACE = { uri: "file:///w/it's (a)/cart.ts", line: 4 };
const runName = (run: number): string => `run ${run}`;

test("tells figures, the last error and the ways to the traces", () => {
  const operation = notedOf({ errorCount: 2, lastErrorRow: 5, slowdown: 2 });
  const text = hoverText([operation], PLACE, runName, () => "no stock");
  const lines = text.split(/\s*\n+/);
  expect(lines).toEqual([
    "**GET \\/cart** · cart · run 1",
    "38× · p50 41 ms · p95 312 ms ▲ 2.0× since the last run · 2 errors",
    "Last error: no stock",
    expect.stringMatching(/^\[Last trace\]\(command:spanlight\.showTrace\?\S+\) · \[Slowest trace\]\(\S+\)$/),
    expect.stringMatching(
      /^\[Show Traces of This Function\]\(command:spanlight\.showTracesOfFunction\?[^()']+\)$/,
    ),
  ]);
  const query = /showTracesOfFunction\?([^)]*)/.exec(text)?.[1] ?? "";
  expect(JSON.parse(decodeURIComponent(query))).toEqual([PLACE]);
});

test("has one link where the slowest trace is the last, and says how many operations it leaves out", () => {
  const lastTraceId = "2af7651916cd43dd8448eb211c80319c" as TraceId;
  const one = notedOf({ lastTraceId, slowestTraceId: lastTraceId });
  const text = hoverText(
    Array.from({ length: 9 }, () => one),
    PLACE,
    runName,
    () => undefined,
  );
  expect(text.match(/\[Last trace\]/g)).toHaveLength(5);
  expect(text).not.toContain("Slowest");
  expect(text).toContain("and 4 more");
});

test.each([
  "[x](command:workbench.action.terminal.new)",
  "<img src=x onerror=alert(1)>",
  "**bold** `code` _it_ # head",
  "https://evil.example/?a=1",
  "$(zap) ~~no~~ | a | b |",
  "line\n\n- list\n1. item",
  "&lt;b&gt; &#60;",
  "\\",
])("received text stays text: %j", (hostile) => {
  const text = hoverText(
    [notedOf({ operation: hostile, service: hostile })],
    PLACE,
    () => hostile,
    () => hostile,
  );
  // Every mark of Markdown and HTML that was received has a backslash, or is an entity of ours.
  const links = /\[(?:Last trace|Slowest trace|Show Traces of This Function)\]\(command:spanlight\.[^()]*\)/g;
  const rest = text
    .replace(links, "")
    .replaceAll("**", "")
    .replace(/\\[!-/:-@[-`{-~]/g, "")
    .replace(/&(?:lt|amp);/g, "");
  expect(rest).not.toMatch(/[[\]<>`_#*$|&\\]|https?:/);
  expect(rest).not.toMatch(/^(?:-|\d+\.)/m);
});

test("cuts what is long", () => {
  const long = "x".repeat(1e6);
  expect(hoverText([notedOf({ operation: long })], PLACE, runName, () => long).length).toBeLessThan(2000);
});

test.each<[title: string, span: Partial<Span>, message: string | undefined]>([
  ["nothing", {}, undefined],
  ["the status", { statusMessage: "deadline" }, "deadline"],
  [
    "the last exception",
    {
      statusMessage: "failed",
      events: [exception("A", "first"), exception("TypeError", "x is undefined")],
    },
    "TypeError: x is undefined",
  ],
  ["the type of the error", { attributes: [{ key: "error.type", value: "402" }] }, "402"],
  ["an exception's type alone", { statusMessage: "", events: [exception("Timeout")] }, "Timeout"],
])("of a failed span it tells %s", (_, span, message) => {
  expect(errorMessageOf({ attributes: [], events: [], statusMessage: "", ...span })).toBe(message);
});

function exception(type: string, message?: string): Span["events"][number] {
  return {
    name: "exception",
    offsetNs: 0,
    attributes: [
      { key: "exception.type", value: type },
      ...(message === undefined ? [] : [{ key: "exception.message", value: message }]),
    ],
  };
}
