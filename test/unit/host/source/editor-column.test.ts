import { expect, test } from "vitest";
import { chooseColumn } from "../../../../src/host/source/editor-column.ts";

/** Groups as `column` with `*` for the active one, `P` for the panel in front, or the document in front. */
function groups(...texts: readonly string[]): Parameters<typeof chooseColumn<number>>[0] {
  return texts.map((text, at) => ({
    column: at + 1,
    isActive: text.includes("*"),
    showsPanel: text.includes("P"),
    shownDocument: /[ab]/.exec(text)?.[0],
  }));
}

test.each<[string, readonly string[], number | undefined]>([
  ["the group where the file is in front", ["*b", "a"], 2],
  ["the active group, where it is nowhere", ["b", "*b"], 2],
  ["another group than the panel's", ["b", "*P"], 1],
  ["a new group, where the panel's is the only one", ["*P"], undefined],
  ["a new group, where there is none", [], undefined],
  ["the group where the file is in front, beside the panel", ["b", "*P", "a"], 3],
])("chooses %s", (_title, texts, column) => {
  expect(chooseColumn(groups(...texts), "a")).toBe(column);
});
