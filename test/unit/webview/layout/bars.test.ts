import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BarBuffer, buildBars, spanAt } from "../../../../webview/layout/bars.ts";
import { layoutLanes } from "../../../../webview/layout/lanes.ts";
import { buildColumns, type SpanSpec } from "../../../webview/harness/columns.ts";
import { traceIdOf } from "../../../webview/harness/sample-traces.ts";

const WIDTH_PX = 100;

/** The bars of a trace that fills 100 pixels with `wholeMs`. */
function barsOf(roots: readonly SpanSpec[], wholeMs: number, fromMs = 0): BarBuffer {
  const columns = buildColumns({ traceId: traceIdOf(1), startMs: 0, roots });
  const bars = new BarBuffer();
  const view = { startNs: fromMs * 1e6, endNs: wholeMs * 1e6 };
  const lanes = layoutLanes(columns);
  buildBars(
    columns,
    lanes,
    { view, widthPx: WIDTH_PX, firstLane: 0, lastLane: 99, edgeNs: wholeMs * 1e6 },
    bars,
  );
  return bars;
}

function rectangles(bars: BarBuffer): readonly (readonly [x0: number, x1: number, kind: string])[] {
  return Array.from({ length: bars.count }, (_, i) => [
    bars.x0[i] ?? 0,
    bars.x1[i] ?? 0,
    `${bars.density[i] === 0 ? "bar" : "strip"}${bars.error[i] === 1 ? " error" : ""}`,
  ]);
}

const span = (startMs: number, endMs: number | undefined, more: Partial<SpanSpec> = {}): SpanSpec => ({
  name: "span",
  startMs,
  endMs,
  ...more,
});

describe("buildBars", () => {
  it("gives each bar of a pixel and more its place", () => {
    expect(rectangles(barsOf([span(0, 10), span(20, 21)], 100))).toEqual([
      [0, 10, "bar"],
      [20, 21, "bar"],
    ]);
  });

  it("lets a running span reach the edge of the known time", () => {
    expect(rectangles(barsOf([span(40, undefined)], 100))).toEqual([[40, 100, "bar"]]);
  });

  it("leaves out what is not in view, and keeps what reaches into it", () => {
    expect(rectangles(barsOf([span(0, 10), span(20, 60), span(90, 95)], 80, 40))).toEqual([[-50, 50, "bar"]]);
  });

  it("sums bars narrower than a pixel up, so that none vanishes", () => {
    const tiny = Array.from({ length: 50 }, (_, i) => span(30 + i * 0.02, 30 + i * 0.02 + 0.01));
    expect(rectangles(barsOf(tiny, 100))).toEqual([[30, 31, "strip"]]);
  });

  it("shows an error among a thousand bars of a pixel", () => {
    const tiny = Array.from({ length: 1000 }, (_, i) =>
      span(30 + i * 0.001, 30 + i * 0.001 + 0.0005, { status: i === 700 ? "error" : "unset" }),
    );
    expect(rectangles(barsOf(tiny, 100))).toEqual([[30, 31, "strip error"]]);
  });

  it("joins pixels that look alike, and not those of another service", () => {
    const tiny = [0, 1, 2, 3].map((ms) => span(ms, ms + 0.5, { service: ms < 2 ? "api" : "cart" }));
    expect(rectangles(barsOf(tiny, 100))).toEqual([
      [0, 2, "strip"],
      [2, 4, "strip"],
    ]);
  });

  it("covers every span that is in view, at whatever zoom", () => {
    const arbitrary = fc.array(
      fc.tuple(fc.double({ min: 0, max: 99, noNaN: true }), fc.double({ min: 0, max: 30, noNaN: true })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(arbitrary, (times) => {
        const roots = times
          .map(([start, length]) => span(start, start + length))
          .sort((a, b) => a.startMs - b.startMs);
        const columns = buildColumns({ traceId: traceIdOf(1), startMs: 0, roots });
        const lanes = layoutLanes(columns);
        const bars = barsOf(roots, 100);
        for (let one = 0; one < columns.spanCount; one += 1) {
          const x = (columns.start[one] ?? 0) / 1e6;
          const shown = rectangles(bars).some(
            ([x0, x1], i) =>
              bars.lane[i] === lanes.lane[one] && x0 <= x + 1e-3 && x1 >= Math.min(x, 100) - 1e-3,
          );
          expect(shown).toBe(true);
        }
      }),
    );
  });

  it("grows its buffer beyond the first thousand bars", () => {
    const concurrent = Array.from({ length: 3000 }, () => span(0, 100));
    const columns = buildColumns({ traceId: traceIdOf(1), startMs: 0, roots: concurrent });
    const bars = new BarBuffer();
    const view = { startNs: 0, endNs: 1e8 };
    buildBars(
      columns,
      layoutLanes(columns),
      { view, widthPx: 100, firstLane: 0, lastLane: 3000, edgeNs: 1e8 },
      bars,
    );
    expect(bars.count).toBe(3000);
    expect(bars.lane[2999]).toBe(2999);
  });
});

describe("spanAt", () => {
  const columns = buildColumns({ traceId: traceIdOf(1), startMs: 0, roots: [span(10, 20), span(30, 30)] });
  const lanes = layoutLanes(columns);
  it.each([
    ["a moment within a bar", 15, 0, 0],
    ["a moment just beside a bar, within the tolerance", 21, 2, 0],
    ["the place of a bar without length", 29, 2, 1],
    ["the nearer of two bars", 26, 10, 1],
  ])("finds %s", (_, ms, toleranceMs, expected) => {
    expect(spanAt(columns, lanes, 0, ms * 1e6, toleranceMs * 1e6, 4e7)).toBe(expected);
  });
  it("finds nothing in empty time and in lanes that are not there", () => {
    expect(spanAt(columns, lanes, 0, 5e6, 1e6, 4e7)).toBeUndefined();
    expect(spanAt(columns, lanes, 7, 15e6, 1e6, 4e7)).toBeUndefined();
    expect(spanAt(columns, lanes, -1, 15e6, 1e6, 4e7)).toBeUndefined();
  });
});
