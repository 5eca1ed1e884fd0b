import { describe, expect, it } from "vitest";
import { fitLabel } from "../../../../webview/layout/fit-label.ts";

/** Ten pixels a character. */
const measure = (text: string): number => Array.from(text).length * 10;

describe("fitLabel", () => {
  it.each([
    ["a text that fits, whole", "GET /cart", 90, "GET /cart"],
    ["the beginning of one that does not, ending in an ellipsis", "POST /checkout", 80, "POST /c…"],
    ["nothing where fewer than three characters fit", "POST /checkout", 35, ""],
    ["a short text in a narrow bar", "db", 20, "db"],
    ["nothing without room", "db", 0, ""],
    ["no half of a character outside the basic plane", "😀😀😀😀😀😀", 50, "😀😀😀😀…"],
  ])("gives %s", (_, text, widthPx, expected) => {
    expect(fitLabel(text, widthPx, measure)).toBe(expected);
  });

  it("does not measure a name of a megabyte whole", () => {
    let longest = 0;
    fitLabel("x".repeat(1_000_000), 1e9, (text) => {
      longest = Math.max(longest, text.length);
      return text.length;
    });
    expect(longest).toBeLessThan(1000);
  });
});
