import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clampViewport,
  fitViewport,
  isFit,
  nsOfX,
  panViewport,
  viewportOfSpan,
  xOfNs,
  zoomViewport,
} from "../../../../webview/layout/viewport.ts";

const DURATION_NS = 1e9;
const views = fc
  .tuple(fc.double({ min: 0, max: 9e8, noNaN: true }), fc.double({ min: 100, max: 1e8, noNaN: true }))
  .map(([startNs, length]) => ({ startNs, endNs: startNs + length }));

describe("zoomViewport", () => {
  it("keeps the moment under the pointer in its place", () => {
    fc.assert(
      fc.property(views, fc.double({ min: 0.2, max: 0.8, noNaN: true }), (view, at) => {
        const atNs = view.startNs + (view.endNs - view.startNs) * at;
        const closer = zoomViewport(view, 1.5, atNs, DURATION_NS);
        expect(xOfNs(closer, 1000, atNs)).toBeCloseTo(xOfNs(view, 1000, atNs), 0);
      }),
    );
  });

  it("stays within the trace and never gets narrower than 100 ns", () => {
    fc.assert(
      fc.property(views, fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (view, factor) => {
        const zoomed = zoomViewport(view, factor, view.startNs, DURATION_NS);
        expect(zoomed.startNs).toBeGreaterThanOrEqual(0);
        expect(zoomed.endNs).toBeLessThanOrEqual(DURATION_NS * (1 + 1e-9));
        expect(zoomed.endNs - zoomed.startNs).toBeGreaterThan(99);
      }),
    );
  });
});

describe("clampViewport", () => {
  it.each([
    ["moves a view from before the start", { startNs: -50e6, endNs: 50e6 }, { startNs: 0, endNs: 100e6 }],
    [
      "moves a view from behind the end",
      { startNs: 950e6, endNs: 1050e6 },
      { startNs: 900e6, endNs: 1000e6 },
    ],
    ["shows all where nothing was said", { startNs: Number.NaN, endNs: 1 }, { startNs: 0, endNs: 1e9 }],
  ])("%s", (_, wish, expected) => {
    expect(clampViewport(wish, DURATION_NS)).toEqual(expected);
  });
});

describe("a viewport", () => {
  it("of a trace without duration still has room", () => {
    expect(fitViewport(0).endNs).toBeGreaterThan(0);
  });

  it("is fit exactly when all of the trace is in it", () => {
    expect(isFit(fitViewport(DURATION_NS), DURATION_NS)).toBe(true);
    expect(isFit({ startNs: 0, endNs: DURATION_NS / 2 }, DURATION_NS)).toBe(false);
  });

  it("of a span has the span in it, with air on both sides", () => {
    const view = viewportOfSpan(2e8, 3e8, DURATION_NS);
    expect(view.startNs).toBeLessThan(2e8);
    expect(view.endNs).toBeGreaterThan(3e8);
    expect(view.endNs - view.startNs).toBeLessThan(1.2e8);
  });

  it("pans up to the edge and not beyond", () => {
    expect(panViewport({ startNs: 0, endNs: 1e8 }, 5e9, DURATION_NS)).toEqual({ startNs: 9e8, endNs: 1e9 });
  });

  it("translates pixels into moments and back", () => {
    const view = { startNs: 100, endNs: 1100 };
    expect(nsOfX(view, 500, xOfNs(view, 500, 350))).toBeCloseTo(350);
  });
});
