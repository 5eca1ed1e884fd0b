// @ts-check
// Runs one step of the tests and counts. Node's own modules only.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentOutsideNpm, runToEnd } from "./npm.mjs";
import { seconds } from "./progress.mjs";
import { projectFolder } from "./vsix.mjs";

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** Twice what the longest step, the scenes, takes on a slow machine; one that hangs must not take the others with it. */
const limitMs = 1_200_000;

/** @type {Counts} */
export const noCounts = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Counts} a @param {Counts} b
 * @returns {Counts}
 */
export function sum(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * The last line of a run.
 * @param {Counts} counts
 */
export function summary({ passed, failed, skipped }) {
  return `${String(passed)} passed, ${String(failed)} failed${skipped === 0 ? "" : `, ${String(skipped)} skipped`}`;
}

/**
 * Runs a step, prints its line, and what it printed when it failed. A step without a results file is one test. A step that ends badly has at
 * least one failure, whatever it counted: it may have ended before it could count.
 * @param {import("./test-steps.mjs").TestStep} step
 * @returns {Promise<Counts>}
 */
export async function runStep({ title, skip, command, counting }) {
  if (skip !== undefined) {
    console.log(`- ${title}: skipped, ${skip}`);
    return { ...noCounts, skipped: 1 };
  }
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "spanlight-results-"));
  const resultsFile = join(folder, "results.json");
  const { code, output } = await runToEnd(process.execPath, command(resultsFile), {
    cwd: projectFolder,
    limitMs,
    env: environmentOutsideNpm({ SPANLIGHT_TEST_RESULTS: resultsFile, NO_COLOR: "1" }),
  });
  const counted = counting === undefined ? single(code) : readCounts(resultsFile, counting);
  rmSync(folder, { recursive: true, force: true });
  const counts = code !== 0 && counted.failed === 0 ? sum(counted, { ...noCounts, failed: 1 }) : counted;
  console.log(`${counts.failed === 0 ? "✓" : "✗"} ${title}: ${summary(counts)} (${seconds(started)})`);
  if (counts.failed > 0) console.log(`${output.trimEnd().replaceAll(/^/gm, "    ")}\n`);
  return counts;
}

/** @param {number} code */
function single(code) {
  return code === 0 ? { ...noCounts, passed: 1 } : noCounts;
}

/**
 * @param {string} file
 * @param {"own" | "vitest"} format
 * @returns {Counts}
 */
function readCounts(file, format) {
  if (!existsSync(file)) return noCounts;
  const results = JSON.parse(readFileSync(file, "utf8"));
  if (format === "own") return results;
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests, numTodoTests } = results;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}
