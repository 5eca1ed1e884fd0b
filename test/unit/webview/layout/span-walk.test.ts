import { describe, expect, it } from "vitest";
import { selfTimeNs } from "../../../../webview/layout/self-time.ts";
import { layoutSiblingPlaces } from "../../../../webview/layout/sibling-places.ts";
import { branchEndIndex, spanOfRow, stepSpan, type SpanStep } from "../../../../webview/layout/span-walk.ts";
import { layoutTreeRows, rowOfSpan } from "../../../../webview/layout/tree-rows.ts";
import { buildColumns, type SpanSpec } from "../../../webview/harness/columns.ts";
import { traceIdOf } from "../../../webview/harness/sample-traces.ts";

const span = (startMs: number, endMs: number, ...children: readonly SpanSpec[]): SpanSpec => ({
  name: `${startMs}`,
  startMs,
  endMs,
  children,
});

/** 0 (1 (2 3) 4) 5 orphan(6) */
const columns = buildColumns({
  traceId: traceIdOf(1),
  startMs: 0,
  firstRow: 100,
  roots: [
    span(0, 100, span(10, 50, span(10, 20), span(15, 40)), span(60, 70)),
    span(200, 210),
    { ...span(300, 310), orphan: true },
  ],
});

describe("stepSpan", () => {
  it.each<[SpanStep, number, number | undefined]>([
    ["parent", 2, 1],
    ["parent", 0, undefined],
    ["first-child", 1, 2],
    ["first-child", 4, undefined],
    ["next-sibling", 1, 4],
    ["next-sibling", 3, undefined],
    ["next-sibling", 0, 5],
    ["previous-sibling", 4, 1],
    ["previous-sibling", 2, undefined],
    ["previous-sibling", 6, 5],
  ])("goes to the %s of span %i", (step, from, expected) => {
    expect(stepSpan(columns, from, step)).toBe(expected);
  });
});

describe("branchEndIndex", () => {
  it.each([
    [0, 5],
    [1, 4],
    [3, 4],
    [5, 6],
    [6, 7],
  ])("ends the branch of span %i at %i", (from, expected) => {
    expect(branchEndIndex(columns, from)).toBe(expected);
  });
});

describe("spanOfRow", () => {
  it("finds a row and says when there is none", () => {
    expect(spanOfRow(columns, 103)).toBe(3);
    expect(spanOfRow(columns, 7)).toBeUndefined();
  });
});

describe("selfTimeNs", () => {
  it.each([
    ["leaves out children, overlaps counted once", 0, 50e6],
    ["counts a parent of overlapping children", 1, 10e6],
    ["is all of a leaf", 3, 25e6],
  ])("%s", (_, at, expected) => {
    expect(selfTimeNs(columns, at, 0)).toBe(expected);
  });

  it("reaches to the edge for a span that runs", () => {
    const running = buildColumns({
      traceId: traceIdOf(1),
      startMs: 0,
      roots: [{ name: "root", startMs: 0, children: [span(10, 20)] }],
    });
    expect(selfTimeNs(running, 0, 100e6)).toBe(90e6);
  });
});

describe("layoutSiblingPlaces", () => {
  it("counts siblings from one, roots among themselves", () => {
    const { place, size, hasChildren } = layoutSiblingPlaces(columns);
    expect([...place]).toEqual([1, 1, 1, 2, 2, 2, 3]);
    expect([...size]).toEqual([3, 2, 2, 2, 2, 3, 3]);
    expect([...hasChildren]).toEqual([1, 1, 0, 0, 0, 0, 0]);
  });
});

describe("layoutTreeRows", () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ["all rows while nothing is collapsed", [], [0, 1, 2, 3, 4, 5, 6]],
    ["none below a collapsed span", [101], [0, 1, 4, 5, 6]],
    ["only the roots when the first is collapsed", [100, 101], [0, 5, 6]],
  ])("shows %s", (_, collapsed, expected) => {
    expect([...layoutTreeRows(columns, new Set(collapsed))]).toEqual(expected);
  });

  it("tells where a span stands, and that a hidden one does not", () => {
    const rows = layoutTreeRows(columns, new Set([101]));
    expect(rowOfSpan(rows, 4)).toBe(2);
    expect(rowOfSpan(rows, 3)).toBeUndefined();
  });
});
