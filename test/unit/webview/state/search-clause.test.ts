import { describe, expect, it } from "vitest";
import { clauseFor } from "../../../../src/model/search-clause.ts";
import { withClause, withoutClause } from "../../../../webview/state/search-clause.ts";

describe("clauseFor", () => {
  it.each([
    ["http.route", "/cart/77", "http.route=/cart/77"],
    ["db.query.text", "select 1", 'db.query.text="select 1"'],
    ["name", 'say "hi" \\', 'name="say \\"hi\\" \\\\"'],
    ["empty", "", 'empty=""'],
  ])("writes %s with the value %j", (key, value, expected) => {
    expect(clauseFor(key, value)).toBe(expected);
  });
});

describe("withClause and withoutClause", () => {
  it.each([
    ["", "status=error", "status=error"],
    ["cart", "status=error", "cart status=error"],
    ["cart status=error", "status=error", "cart status=error"],
  ])("adds to %j", (text, clause, expected) => {
    expect(withClause(text, clause)).toBe(expected);
  });

  it.each([
    ["cart status=error slow", "status=error", "cart slow"],
    ["status=error", "status=error", ""],
    ["cart", "status=error", "cart"],
  ])("removes from %j", (text, clause, expected) => {
    expect(withoutClause(text, clause)).toBe(expected);
  });
});
