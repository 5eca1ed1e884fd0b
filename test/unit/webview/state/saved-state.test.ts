import { describe, expect, it } from "vitest";
import { INITIAL_STATE, readSavedState } from "../../../../webview/state/saved-state.ts";

describe("readSavedState", () => {
  it("gives back what was saved", () => {
    const saved = {
      ...INITIAL_STATE,
      view: "tree" as const,
      searchText: "cart",
      serviceSlots: [["api", 3] as const],
    };
    expect(readSavedState(JSON.parse(JSON.stringify(saved)))).toEqual(saved);
  });

  it.each([
    ["nothing was saved", undefined],
    ["another version saved something else", { view: "metrics", columns: 3 }],
    ["a trace id is none", { ...INITIAL_STATE, traceId: "command:evil" }],
    ["a colour is none", { ...INITIAL_STATE, serviceSlots: [["api", "red"]] }],
  ])("starts afresh where %s", (_, saved) => {
    expect(readSavedState(saved)).toEqual(INITIAL_STATE);
  });
});
