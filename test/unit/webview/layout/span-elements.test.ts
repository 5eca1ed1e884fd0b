import { describe, expect, it } from "vitest";
import { spansWithElements } from "../../../../webview/layout/span-elements.ts";
import { buildColumns } from "../../../webview/harness/columns.ts";
import { largeTrace } from "../../../webview/harness/sample-traces.ts";

describe("spansWithElements", () => {
  it("are all spans of a small trace", () => {
    const columns = buildColumns(largeTrace(1, 0, 300));
    expect(spansWithElements(columns, 5)).toHaveLength(300);
  });

  it("are the selected one, its neighbours and their ancestors in a large trace", () => {
    const columns = buildColumns(largeTrace(1, 0, 20_000));
    const spans = spansWithElements(columns, 10_000);
    expect(spans).toContain(0);
    expect(spans).toContain(10_000);
    expect(spans.length).toBeLessThan(230);
    expect(spans).toEqual([...spans].sort((a, b) => a - b));
  });
});
