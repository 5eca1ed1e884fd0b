import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutTicks } from "../../../../webview/layout/axis.ts";

const labels = (startNs: number, endNs: number, widthPx = 600): readonly string[] =>
  layoutTicks({ startNs, endNs }, widthPx).map((tick) => tick.label);

describe("layoutTicks", () => {
  it.each<[string, number, number, readonly string[]]>([
    ["milliseconds of a request", 0, 318e6, ["0", "50 ms", "100 ms", "150 ms", "200 ms", "250 ms", "300 ms"]],
    ["seconds", 0, 2e9, ["0", "0.5 s", "1.0 s", "1.5 s", "2.0 s"]],
    [
      "a close look far from the start",
      1.9412e9,
      1.9416e9,
      ["1.9412 s", "1.9413 s", "1.9414 s", "1.9415 s", "1.9416 s"],
    ],
    ["nanoseconds", 0, 500, ["0", "100 ns", "200 ns", "300 ns", "400 ns", "500 ns"]],
  ])("labels %s", (_, startNs, endNs, expected) => {
    expect(labels(startNs, endNs)).toEqual(expected);
  });

  it("never gives two ticks the same label", () => {
    const range = fc.tuple(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 100, max: 1e11 }));
    fc.assert(
      fc.property(range, ([startNs, length]) => {
        const all = labels(startNs, startNs + length);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});
