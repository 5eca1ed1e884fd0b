import { expect, it } from "vitest";
import { programNs, selfProgramNs } from "../../../../webview/layout/program-time.ts";
import { buildColumns } from "../../../webview/harness/columns.ts";
import { pausedTrace } from "../../../webview/harness/paused-trace.ts";
import { traceIdOf } from "../../../webview/harness/sample-traces.ts";

it.each([
  ["was paused", buildColumns(pausedTrace(1, 0))],
  ["is paused", buildColumns(pausedTrace(1, 0, true))],
])("no span of a trace that %s has more of its own time than it ran", (_, columns) => {
  for (const span of columns.start.keys())
    expect(selfProgramNs(columns, span, columns.durationNs)).toBeLessThanOrEqual(
      programNs(columns, span, columns.durationNs),
    );
});

it("a span that is held while others of its trace go on has the time that it ran for its own", () => {
  const columns = buildColumns({
    traceId: traceIdOf(1),
    startMs: 0,
    firstRow: 1,
    roots: [
      { name: "goes on", service: "web", startMs: 0, endMs: 100 },
      { name: "held", service: "stock", startMs: 10, endMs: 90, orphan: true },
    ],
    pauses: [{ service: "stock", startMs: 20, endMs: 80 }],
  });
  const held = [...columns.name].findIndex((name) => columns.strings[name] === "held");
  expect(selfProgramNs(columns, held, columns.durationNs)).toBe(20e6);
});
