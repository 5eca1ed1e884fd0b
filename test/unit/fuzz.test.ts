import { afterAll, expect, test } from "vitest";
import { fuzz } from "../fuzz/fuzz.ts";
import { mutateBytes } from "../fuzz/mutate-bytes.ts";
import type { Target } from "../fuzz/target.ts";
import { openTargets } from "../fuzz/targets.ts";

const { targets, close } = await openTargets();
afterAll(close);

/** A share of `npm run fuzz`, always the same inputs. */
test("a few thousand mutated inputs break no promise", async () => {
  const report = await fuzz(targets, { seed: 20, seconds: 10, maxInputs: 4000 });
  expect(report.findings).toEqual([]);
  expect(report.inputCount).toBeGreaterThan(200);
  for (const [name, { accepted, refused }] of report.tallyOf)
    expect([name, accepted + refused > 0]).toEqual([name, true]);
});

const hating = (check: Pick<Target, "check" | "look" | "renew">): Target => ({
  name: "hates 7",
  make: (random) => Uint8Array.of(1, 2, random.below(64), 3, 4),
  ...check,
});

test("a broken promise is found, made small, and can be made again by its number", async () => {
  const target = hating({
    check(input) {
      if (input.includes(7)) throw new Error("it has a 7");
      return "accepted";
    },
  });
  const { findings, tallyOf } = await fuzz([target], { seed: 1, maxInputs: 500 });
  expect(findings.length).toBeGreaterThan(0);
  expect(tallyOf.get("hates 7")).toMatchObject({
    accepted: 500 - findings.length,
    findings: findings.length,
  });
  for (const { index, inputs, smallest, input, message } of findings) {
    expect([message, inputs, [...smallest]]).toEqual(["Error: it has a 7", 1, [7]]);
    const again = await fuzz([target], { seed: 1, first: index, maxInputs: 1 });
    expect(again.findings[0]?.input).toEqual(input);
  }
});

test("what a look at many inputs finds is brought home to the one that did it", async () => {
  let seen: number[] = [];
  const target = hating({
    check(input) {
      seen.push(input[2] ?? 0);
      return "accepted";
    },
    look() {
      if (seen.includes(7)) throw new Error("there was a 7");
    },
    renew() {
      seen = [];
    },
  });
  const { findings } = await fuzz([target], { seed: 1, maxInputs: 500 });
  expect(findings.length).toBeGreaterThan(0);
  for (const { inputs, input, message } of findings)
    expect([message, inputs, input[2]]).toEqual(["Error: there was a 7", 1, 7]);
});

test("what only several inputs break is told with all of them, and can be made again", async () => {
  let count = 0;
  const target = hating({
    check() {
      if (++count === 20) throw new Error("the twentieth");
      return "accepted";
    },
    renew() {
      count = 0;
    },
  });
  const [finding] = (await fuzz([target], { seed: 1, maxInputs: 30 })).findings;
  expect(finding).toMatchObject({ index: 0, inputs: 20, message: "Error: the twentieth (not alone)" });
  count = 0;
  const again = await fuzz([target], {
    seed: 1,
    first: finding?.index ?? 0,
    maxInputs: finding?.inputs ?? 0,
  });
  expect(again.findings).toHaveLength(1);
});

test("the numbers of inputs stay what they are when only some targets take part", async () => {
  const both = [
    hating({ check: () => "accepted" }),
    { ...hating({ check: () => "refused" }), name: "other" },
  ];
  const first = await fuzz(both, { seed: 3, maxInputs: 40 });
  const only = await fuzz(both, {
    seed: 3,
    maxInputs: first.tallyOf.get("other")?.refused ?? 0,
    only: ({ name }) => name === "other",
  });
  expect(only.tallyOf.get("other")?.refused).toBe(first.tallyOf.get("other")?.refused);
  expect(only.tallyOf.get("hates 7")).toMatchObject({ accepted: 0, refused: 0 });
});

test("what inputs are made from stays what it is, though readers mask in place", async () => {
  const base = Buffer.from("a secret that is masked");
  const target: Target = {
    name: "masks",
    make: (random) => (random.chance(0.5) ? base : mutateBytes(base, random)),
    check(input) {
      input.fill(0);
      return "accepted";
    },
  };
  await fuzz([target], { seed: 1, maxInputs: 200 });
  expect(base.toString()).toBe("a secret that is masked");
});
