import { describe, expect, it } from "vitest";
import { runInSlices } from "../../../../webview/layout/slices.ts";

function* busy(milliseconds: number): Generator<undefined, string> {
  for (const until = performance.now() + milliseconds; performance.now() < until;) yield;
  return "done";
}

describe("runInSlices", () => {
  it("does short work at once", () => {
    let result = "";
    runInSlices(busy(0), (value) => (result = value));
    expect(result).toBe("done");
  });

  it("lets others run during long work", async () => {
    let others = 0;
    const result = await new Promise((resolve) => {
      runInSlices(busy(60), resolve);
      const other = (): void => {
        others += 1;
        if (others < 1000) setImmediate(other);
      };
      setImmediate(other);
    });
    expect(result).toBe("done");
    expect(others).toBeGreaterThan(0);
  });

  it("hands nothing over once it was ended", async () => {
    let handed = 0;
    const end = runInSlices(busy(30), () => (handed += 1));
    end();
    await new Promise((resolve) => {
      runInSlices(busy(60), resolve);
    });
    expect(handed).toBe(0);
  });
});
