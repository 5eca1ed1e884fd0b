import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSearchText } from "../../../../src/engine/query/search-text.ts";

/** Noon of a day of the zone that the tests run in. */
const NOW_MS = new Date(2026, 10, 24, 12).getTime();

/** A clause in short: `-field:key operator value`. */
function short(text: string): string[] {
  return parseSearchText(text, NOW_MS).clauses.map(({ field, key, operator, negated, value, number }) => {
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
    expect(parseSearchText(text, NOW_MS).problem).toBeUndefined();
  });

  it.each([
    ["a status=", "status=", /value is missing/, 8, 9],
    ['a "b c', '"b c', /not closed/, 2, 6],
    ['x ""', '""', /empty/, 2, 4],
    ["duration>fast", "", /number and a unit/, 9, 13],
    ["duration>100", "", /number and a unit/, 9, 12],
    ["run=x", "", /run is a number/, 4, 5],
    ["time>noon", "", /age, a time of today or a date/, 5, 9],
    ["time>-5", "", /age, a time of today or a date/, 5, 7],
    ["time>5m", "", /age, a time of today or a date/, 5, 7],
    ["time>24:00", "", /age, a time of today or a date/, 5, 10],
    ["time>10:60", "", /age, a time of today or a date/, 5, 10],
    ["time>2026-13-01", "", /age, a time of today or a date/, 5, 15],
    ["time=10:30", "", />, >=, < and <=/, 5, 10],
    ["status>error", "", /= and !=/, 7, 12],
    ["status=bad", "", /error, ok or unset/, 7, 10],
    ["state=gone", "", /ended, running or lost/, 6, 10],
    ["a.b>many", "", /needs a number/, 4, 8],
  ])("says what is wrong with %j", (text, _clause, message, start, end) => {
    const { problem } = parseSearchText(text, NOW_MS);
    expect(problem?.message).toMatch(message);
    expect([problem?.start, problem?.end]).toEqual([start, end]);
  });

  it.each<[value: string, moment: Date]>([
    ["-5m", new Date(2026, 10, 24, 11, 55)],
    ["-1.5s", new Date(NOW_MS - 1500)],
    ["10:30", new Date(2026, 10, 24, 10, 30)],
    ["9:05", new Date(2026, 10, 24, 9, 5)],
    ["10:30:15", new Date(2026, 10, 24, 10, 30, 15)],
    ["23:59:59.5", new Date(2026, 10, 24, 23, 59, 59, 500)],
    ["2026-11-23", new Date(2026, 10, 23)],
    ["2026-11-23T10:30", new Date(2026, 10, 23, 10, 30)],
    ['"2026-11-23 10:30:15"', new Date(2026, 10, 23, 10, 30, 15)],
    ["2026-11-24T10:30:00Z", new Date(Date.UTC(2026, 10, 24, 10, 30))],
    ["2026-11-24t10:30:00.250z", new Date(Date.UTC(2026, 10, 24, 10, 30, 0, 250))],
    ["2026-11-24T10:30:00+02:00", new Date(Date.UTC(2026, 10, 24, 8, 30))],
  ])("takes %s for a moment", (value, moment) => {
    for (const operator of [">", ">=", "<", "<="]) {
      const { clauses, problem } = parseSearchText(`time${operator}${value}`, NOW_MS);
      expect(problem).toBeUndefined();
      expect(clauses).toMatchObject([{ field: "time", operator, number: moment.getTime() * 1e6 }]);
    }
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
          const { clauses, problem } = parseSearchText(text, NOW_MS);
          for (const clause of clauses) expect(text.slice(clause.start, clause.end)).toBe(clause.text);
          if (problem !== undefined) expect(problem.end).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});
