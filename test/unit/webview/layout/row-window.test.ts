import { describe, expect, it } from "vitest";
import { scrollTopFor, windowOfRows } from "../../../../webview/layout/row-window.ts";

describe("windowOfRows", () => {
  it.each([
    ["at the top", 1000, 0, { first: 0, end: 18 }],
    ["in the middle", 1000, 4400, { first: 92, end: 118 }],
    ["at the end", 1000, 43_780, { first: 987, end: 1000 }],
    ["of a list shorter than the view", 3, 0, { first: 0, end: 3 }],
    ["scrolled beyond a list that became shorter", 3, 9000, { first: 3, end: 3 }],
  ])("is the rows in view and some around them %s", (_, count, scrollTop, expected) => {
    expect(windowOfRows(count, 44, scrollTop, 440)).toEqual(expected);
  });
});

describe("scrollTopFor", () => {
  it.each([
    ["stays where the row is in view", 5, 100, 100],
    ["scrolls up to a row above", 1, 100, 44],
    ["scrolls down just enough for a row below", 20, 100, 484],
  ])("%s", (_, row, scrollTop, expected) => {
    expect(scrollTopFor(row, 44, scrollTop, 440)).toBe(expected);
  });
});
