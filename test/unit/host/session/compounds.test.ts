import { expect, test } from "vitest";
import { parseCompounds } from "../../../../src/host/session/compounds.ts";

const member = (name: string, folder?: string): object => ({ name, folder });

test.each<[string, unknown, unknown]>([
  [
    "names",
    [{ name: "S", configurations: ["a", "b"] }],
    [{ name: "S", members: [member("a"), member("b")] }],
  ],
  [
    "names with folders",
    [{ name: "S", configurations: ["a", { name: "b", folder: "f" }] }],
    [{ name: "S", members: [member("a"), member("b", "f")] }],
  ],
  ["nothing out of nothing", undefined, []],
  [
    "past what is none",
    [null, 1, { name: 2 }, { name: "S" }, { name: "T", configurations: [1, {}, { name: "a", folder: 7 }] }],
    [
      { name: "S", members: [] },
      { name: "T", members: [member("a")] },
    ],
  ],
])("reads %s", (_title, compounds, parsed) => {
  expect(parseCompounds(compounds)).toEqual(parsed);
});
