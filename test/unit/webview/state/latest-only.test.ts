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

describe("LatestOnly with a wish that replaces", () => {
  it("cancels the running one and does not rest", async () => {
    const signals: AbortSignal[] = [];
    const finishers: (() => void)[] = [];
    const aMinute = 60_000;
    const refresh = new LatestOnly((signal) => {
      signals.push(signal);
      return new Promise((resolve) => finishers.push(resolve));
    }, aMinute);
    refresh.request();
    refresh.replace();
    expect(signals[0]?.aborted).toBe(true);
    finishers[0]?.();
    await expect.poll(() => signals.length).toBe(2);
    // The second one ends by itself, and the next wish would wait for a minute.
    finishers[1]?.();
    await new Promise((resolve) => setImmediate(resolve));
    refresh.replace();
    await expect.poll(() => signals.length).toBe(3);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  });
});
