import { describe, expect, test } from "vitest";
import type { RunNumber } from "../../../../src/model/ids.ts";
import { RunBook, type Compound, type Launch } from "../../../../src/host/session/run-book.ts";

/** A compound of `configuration` or `folder/configuration`. */
function compound(name: string, ...members: readonly string[]): Compound {
  return { name, members: members.map(launchOf) };
}

function launchOf(text: string): Launch {
  const [name = "", folder] = text.split("/").reverse();
  return { name, folder };
}

const shop = compound("Shop", "api", "cart", "payment");
const pair = compound("Pair", "api", "load");
const folders = compound("Folders", "a/serve", "b/serve");

/** Launches as `name@milliseconds`, and the runs that they make as `number name: members`. */
const cases: readonly [
  title: string,
  compounds: readonly Compound[],
  launches: readonly string[],
  runs: readonly string[],
][] = [
  ["each launch of its own is a run", [], ["a@0", "b@10"], ["1 a: a", "2 b: b"]],
  [
    "a compound is one run under its name",
    [shop],
    ["api@0", "cart@5", "payment@30"],
    ["1 Shop: api cart payment"],
  ],
  ["whatever comes first", [shop], ["payment@0", "api@5"], ["1 Shop: payment api"]],
  [
    "one configuration of a compound alone is a run",
    [shop],
    ["api@0", "other@1"],
    ["1 api: api", "2 other: other"],
  ],
  ["the same configuration again is a new run", [shop], ["api@0", "api@5"], ["1 api: api", "2 api: api"]],
  ["a launch long after is a new run", [shop], ["api@0", "cart@60000"], ["1 api: api", "2 cart: cart"]],
  ["a slow member still joins", [shop], ["api@0", "cart@3500"], ["1 Shop: api cart"]],
  ["of two compounds it is the one that holds all", [shop, pair], ["api@0", "load@1"], ["1 Pair: api load"]],
  ["no compound holds both", [shop, pair], ["cart@0", "load@1"], ["1 cart: cart", "2 load: load"]],
  ["one name in two folders", [folders], ["a/serve@0", "b/serve@1"], ["1 Folders: a/serve b/serve"]],
  ["another folder's", [folders], ["a/serve@0", "c/serve@1"], ["1 serve: a/serve", "2 serve: c/serve"]],
  ["a name without a folder holds for any", [shop], ["a/api@0", "b/cart@1"], ["1 Shop: a/api b/cart"]],
  [
    "a compound that is started twice is two runs",
    [shop],
    ["api@0", "cart@1", "payment@2", "api@900", "cart@901"],
    ["1 Shop: api cart payment", "2 Shop: api cart"],
  ],
];

describe("the runs", () => {
  test.each(cases)("%s", (_title, compounds, launches, runs) => {
    const book = new RunBook();
    const members = new Map<number, string[]>();
    for (const launch of launches) {
      const [name = "", at] = launch.split("@");
      const { number } = book.begin(launchOf(name), compounds, Number(at));
      members.set(number, [...(members.get(number) ?? []), name]);
    }
    expect(
      book.runs.map(({ number, name }) => `${number} ${name}: ${members.get(number)?.join(" ")}`),
    ).toEqual(runs);
  });

  test("are numbered on from those of earlier windows, and these are added when they are known", () => {
    const book = new RunBook(7);
    const launch = { name: "api", folder: undefined };
    const former = [9, 2].map((number) => ({
      number: number as RunNumber,
      name: `former ${number}`,
      startMs: 0,
      endMs: 1,
    }));
    expect(book.begin(launch, [], 0).number).toBe(8);
    book.restore([
      ...former,
      { ...former[0], number: 8 as RunNumber, name: "another", startMs: 0, endMs: 1 },
    ]);
    expect(book.runs.map(({ name }) => name)).toEqual(["former 2", "api", "former 9"]);
    expect(book.begin(launch, [], 100_000).number).toBe(10);
    expect(book.highest).toBe(10);
  });

  test("end, and begin again when a member of their compound comes late", () => {
    const book = new RunBook();
    const { number } = book.begin(launchOf("api"), [shop], 100);
    book.end(number, 200);
    expect(book.runs[0]).toMatchObject({ startMs: 100, endMs: 200 });
    book.begin(launchOf("cart"), [shop], 300);
    expect(book.runs[0]).toMatchObject({ startMs: 100, endMs: undefined });
  });
});
