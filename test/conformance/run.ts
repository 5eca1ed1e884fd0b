import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/base/result.ts";
import { runJaeger } from "./jaeger.ts";
import { runOtlp } from "./otlp.ts";
import { runSource } from "./source.ts";
import type { Suite, SuiteOutcome } from "./suite.ts";

/**
 * `npm run conformance -- [--data DIR] [--json]`: runs the third-party suites that are found under DIR and prints one
 * line for each, or one JSON document; what failed is named on standard error. Ends with 1 where a case failed.
 */
const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/conformance" },
    json: { type: "boolean", default: false },
  },
});

const NOT_RECEIVED = "not received yet";

/** By the folder under DIR; what has no runner yet says why. */
const SUITES: readonly (readonly [name: string, suite: Suite | string])[] = [
  ["otlp", runOtlp],
  ["influx", NOT_RECEIVED],
  ["jaeger", runJaeger],
  ["openmetrics", NOT_RECEIVED],
  ["promql", NOT_RECEIVED],
  ["promtool", NOT_RECEIVED],
  ["rules", NOT_RECEIVED],
  ["source", runSource],
  ["traceql", NOT_RECEIVED],
  ["zipkin", NOT_RECEIVED],
];

/** Run where DIR has none. */
const OWN_DATA: Readonly<Record<string, string>> = { source: "test/corpus/source" };

const outcomes: SuiteOutcome[] = [];
for (const [name, suite] of SUITES) outcomes.push(await outcomeOf(name, suite));

async function outcomeOf(name: string, suite: Suite | string): Promise<SuiteOutcome> {
  const skipped = (why: string): SuiteOutcome => ({ suite: name, passed: 0, failed: 0, skipped: 1, why });
  const given = resolve(join(values.data, name));
  const folder = existsSync(given) ? given : resolve(OWN_DATA[name] ?? given);
  if (!existsSync(folder)) return skipped("no data");
  if (typeof suite === "string") return skipped(suite);
  const problems: string[] = [];
  let passed = 0;
  for (const { title, check } of suite(folder)) {
    try {
      await check();
      passed++;
    } catch (thrown) {
      problems.push(`${title}: ${messageOf(thrown).split("\n", 1)[0] ?? ""}`);
    }
  }
  for (const problem of problems) process.stderr.write(`${name}: ${problem}\n`);
  return { suite: name, passed, failed: problems.length, skipped: 0, why: problems.join("; ") };
}

process.stdout.write(values.json ? `${JSON.stringify(outcomes, undefined, 1)}\n` : table());
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;

function table(): string {
  const total = { suite: "total", ...sums(), why: "" };
  const lines = [...outcomes, total].map(
    ({ suite, passed, failed, skipped, why }) =>
      `${suite.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped${why === "" ? "" : `: ${why}`}\n`,
  );
  return lines.join("");
}

function sums(): Pick<SuiteOutcome, "passed" | "failed" | "skipped"> {
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    outcomes.reduce((count, outcome) => count + outcome[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}
