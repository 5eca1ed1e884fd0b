import { describe, expect, it } from "vitest";
import type { RunNumber } from "../../../../src/model/ids.ts";
import { liveEdgeNs, mayGrow } from "../../../../webview/state/live-edge.ts";

const run = (endMs: number | undefined) => [{ number: 2 as RunNumber, name: "shop", startMs: 0, endMs }];
const trace = (number: number) => ({ run: number as RunNumber, startMs: 1000, durationNs: 5e6 });

describe("mayGrow", () => {
  it.each([
    ["of a run that goes on, however long it has been silent", trace(2), run(undefined), 9_000_000, true],
    ["of a run that has ended", trace(2), run(2000), 2000, false],
    ["of outside any run that was heard of lately", trace(0), [], 60_000, true],
    ["of outside any run that has been silent, as a file's", trace(0), [], 9_000_000, false],
  ])("judges a trace %s", (_, one, runs, nowMs, expected) => {
    expect(mayGrow(one, runs, nowMs)).toBe(expected);
  });
});

describe("liveEdgeNs", () => {
  it("follows the clock while the trace grows", () => {
    expect(liveEdgeNs(trace(2), true, 1500)).toBe(500e6);
  });
  it("never goes back behind what is known, as a clock of another machine would have it", () => {
    expect(liveEdgeNs(trace(2), true, 900)).toBe(5e6);
  });
  it("stands still when the trace does", () => {
    expect(liveEdgeNs(trace(2), false, 1500)).toBe(5e6);
  });
});
