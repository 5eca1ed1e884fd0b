import { expect, test } from "vitest";
import { decodeTargets } from "../fuzz/decode-targets.ts";
import { engineTargets } from "../fuzz/engine-targets.ts";
import { openLogTargets } from "../fuzz/log-targets.ts";
import { logsRequestTargets } from "../fuzz/logs-request-targets.ts";
import { metricsTargets } from "../fuzz/metrics-targets.ts";
import { redactionTargets } from "../fuzz/redaction-targets.ts";
import { fuzz } from "../fuzz/fuzz.ts";

/** A share of `npm run fuzz`, always the same inputs. */
test("a few thousand mutated inputs break no promise", async () => {
  const targets = [
    ...decodeTargets,
    ...engineTargets(),
    ...metricsTargets(),
    ...logsRequestTargets,
    ...redactionTargets(),
    ...(await openLogTargets()),
  ];
  const report = await fuzz(targets, { seed: 20, seconds: 10, maxInputs: 2500 });
  expect(report.findings).toEqual([]);
  expect(report.inputCount).toBeGreaterThan(200);
  expect(report.countOf.size).toBe(targets.length);
});

test("a broken promise is found, made small, and can be made again by its number", async () => {
  const target = {
    name: "hates 7",
    make: (random: { below(limit: number): number }) => Uint8Array.of(1, 2, random.below(64), 3, 4),
    check(input: Uint8Array) {
      if (input.includes(7)) throw new Error("it has a 7");
    },
  };
  const { findings } = await fuzz([target], { seed: 1, seconds: 10, maxInputs: 500 });
  expect(findings.length).toBeGreaterThan(0);
  for (const { index, smallest, input, message } of findings) {
    expect([message, [...smallest]]).toEqual(["Error: it has a 7", [7]]);
    const again = await fuzz([target], { seed: 1, seconds: 10, first: index, maxInputs: 1 });
    expect(again.findings[0]?.input).toEqual(input);
  }
});
