import { expect, test } from "vitest";
import { startOfHold } from "../../../../src/agent/pauses/tell-holds.ts";

const heardNs = 1_000_000_000n;

test.each<readonly [what: string, descriptionMs: number, seenNs: readonly bigint[], startNs: bigint]>([
  ["the debugger's description and ours before it was heard of", 3, [0n], 992_500_000n],
  ["when the program was let go before, if that was later", 3, [995_000_000n, 0n], 995_000_000n],
  [
    "when the program last started or ended a span, if that was later",
    3,
    [900_000_000n, 998_500_000n],
    998_500_000n,
  ],
  ["where it would without a span that says it is of later", 3, [1_000_000_001n], 992_500_000n],
  ["when it was heard of, where describing took no time", 0, [heardNs], heardNs],
])("a hold begins %s", (_, descriptionMs, seenNs, startNs) => {
  expect(startOfHold(heardNs, descriptionMs, seenNs)).toBe(startNs);
});
