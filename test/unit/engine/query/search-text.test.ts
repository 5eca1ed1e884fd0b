import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSearchText } from "../../../../src/engine/query/search-text.ts";

/** A clause in short: `-field:key operator value`. */
function short(text: string): string[] {
  return parseSearchText(text).clauses.map(({ field, key, operator, negated, value, number }) => {
    const shown = field === "duration" ? `${number}ns` : value;
    return `${negated ? "-" : ""}${field}${field === "attribute" ? `:${key}` : ""} ${operator} ${shown}`;
  });
}

describe("parseSearchText", () => {
  it.each([
    ["", []],
    ["   ", []],
    ["cart", ["word = cart"]],
    ["cart  pay", ["word = cart", "word = pay"]],
    ['"GET /cart"', ["word = GET /cart"]],
    ["-health", ["-word = health"]],
    ["-", ["word = -"]],
    ['say"no more"', ["word = sayno more"]],
    ["status=error", ["status = error"]],
    ["status=ERROR", ["status = ERROR"]],
    ["status!=error", ["-status = error"]],
    ["-status=error", ["-status = error"]],
    ["-status!=error", ["status = error"]],
    ["service=api kind=client", ["service = api", "kind = client"]],
    ['name="GET /cart"', ["name = GET /cart"]],
    ["duration>100ms", ["duration > 100000000ns"]],
    ["duration<=1.5s", ["duration <= 1500000000ns"]],
    ["duration>=250us duration<2m", ["duration >= 250000ns", "duration < 120000000000ns"]],
    ["duration>5µs", ["duration > 5000ns"]],
    ["run=2", ["run = 2"]],
    ["http.route=/cart", ["attribute:http.route = /cart"]],
    ["http.route=*", ["attribute:http.route exists *"]],
    ['k="*"', ["attribute:k = *"]],
    ['db.statement="SELECT \\"a\\" \\\\ b"', ['attribute:db.statement = SELECT "a" \\ b']],
    ["http.response.status_code>=500", ["attribute:http.response.status_code >= 500"]],
    ["url=http://a/?b=c", ["attribute:url = http://a/?b=c"]],
    ['"a=b"', ["word = a=b"]],
    ["=x", ["word = =x"]],
  ])("reads %j", (text, expected) => {
    expect(short(text)).toEqual(expected);
    expect(parseSearchText(text).problem).toBeUndefined();
  });

  it.each([
    ["a status=", "status=", /value is missing/, 8, 9],
    ['a "b c', '"b c', /not closed/, 2, 6],
    ['x ""', '""', /empty/, 2, 4],
    ["duration>fast", "", /number and a unit/, 9, 13],
    ["duration>100", "", /number and a unit/, 9, 12],
    ["run=x", "", /run is a number/, 4, 5],
    ["status>error", "", /= and !=/, 7, 12],
    ["status=bad", "", /error, ok or unset/, 7, 10],
    ["state=gone", "", /ended, running or lost/, 6, 10],
    ["a.b>many", "", /needs a number/, 4, 8],
  ])("says what is wrong with %j", (text, _clause, message, start, end) => {
    const { problem } = parseSearchText(text);
    expect(problem?.message).toMatch(message);
    expect([problem?.start, problem?.end]).toEqual([start, end]);
  });

  it("keeps the clauses beside a wrong one", () => {
    expect(short("cart status=bad pay")).toEqual(["word = cart", "word = pay"]);
  });

  it("never throws, and its clauses are what was typed", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('"', "\\", "=", "!", "<", ">", " ", "a", "-", "*", "1", "s", "\t", "é"),
        }),
        (text) => {
          const { clauses, problem } = parseSearchText(text);
          for (const clause of clauses) expect(text.slice(clause.start, clause.end)).toBe(clause.text);
          if (problem !== undefined) expect(problem.end).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});
