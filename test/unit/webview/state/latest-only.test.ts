import { describe, expect, it } from "vitest";
import { LatestOnly } from "../../../../webview/state/latest-only.ts";

describe("LatestOnly", () => {
  it("serves all wishes that come during a run with one more run", async () => {
    let runs = 0;
    let finish: () => void = () => undefined;
    const refresh = new LatestOnly(() => {
      runs += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    const settled = async (): Promise<void> => {
      finish();
      await new Promise((resolve) => setImmediate(resolve));
    };
    for (let i = 0; i < 10; i += 1) refresh.request();
    expect(runs).toBe(1);
    await settled();
    expect(runs).toBe(2);
    await settled();
    expect(runs).toBe(2);
    refresh.request();
    expect(runs).toBe(3);
  });
});

describe("LatestOnly with a rest", () => {
  it("runs the first wish at once, and those of the rest together after it", async () => {
    const startedMs: number[] = [];
    const refresh = new LatestOnly(() => {
      startedMs.push(performance.now());
      return Promise.resolve();
    }, 30);
    refresh.request();
    expect(startedMs).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 5; i += 1) refresh.request();
    await expect.poll(() => startedMs.length).toBe(2);
    // Timers count whole milliseconds and may fire a fraction early.
    expect((startedMs[1] ?? 0) - (startedMs[0] ?? 0)).toBeGreaterThan(28);
  });
});
