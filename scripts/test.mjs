// @ts-check
// `npm test`: everything that must hold, from a fresh clone. Its last line is "N passed, N failed". Node's own modules only.
//
//   --only A,B   these steps: types, lint, format, imports, dead-code, unit, process, webview, agent, package, extension-host, scenes
//   --desktop    the tests in the extension host run in the desktop VS Code that is downloaded for them
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installDependencies } from "./npm.mjs";
import { descendants, endProcessTree } from "./process-tree.mjs";
import { seconds } from "./progress.mjs";
import { noCounts, runStep, sum, summary } from "./test-counts.mjs";
import { testSteps } from "./test-steps.mjs";
import { installChromium } from "./vscode/chromium.mjs";
import { installEmbeddedVsCode } from "./vscode/install.mjs";
import { makeVsix, projectFolder } from "./vsix.mjs";

const { values } = parseArgs({
  options: { only: { type: "string" }, desktop: { type: "boolean", default: false } },
});
const only = values.only?.split(",");
const steps = testSteps(values.desktop).filter(({ name }) => only?.includes(name) ?? true);

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    void endProcessTree(...descendants(process.pid).map(({ pid }) => pid)).then(() => process.exit(130));
  });
}

const started = performance.now();
try {
  await prepare();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
  console.log(summary({ ...noCounts, failed: 1 }));
  process.exit(1);
}
const isBuilt = !steps.some(needsBuild) || (await build());

// Two at a time where a step needs one core and no ports; each of the others gets the machine for itself.
const sideBySide = steps.filter(({ alone }) => !alone);
const counts = (await Promise.all([inTurn(sideBySide), inTurn(sideBySide)])).flat();
counts.push(...(await inTurn(steps.filter(({ alone }) => alone))));

const total = counts.reduce(sum, noCounts);
console.log(`\nAll of it took ${seconds(started)}.\n\n${summary(total)}`);
process.exit(total.failed === 0 ? 0 : 1);

/** Brings what the chosen steps run with: dependencies, VS Code and its browser. Without these nothing is tested. */
async function prepare() {
  await installDependencies(projectFolder, "the project's dependencies");
  // Asked for early, as it may end the run.
  if (steps.some(({ needs }) => needs === "browser" || needs === "embedded")) await installChromium();
  if (steps.some(({ needs }) => needs === "embedded")) await installEmbeddedVsCode();
  if (!steps.some(needsBuild)) return;
  const examples = join(projectFolder, "examples");
  for (const name of existsSync(examples) ? readdirSync(examples) : []) {
    const folder = join(examples, name);
    if (existsSync(join(folder, "package.json")))
      await installDependencies(folder, `examples/${name}'s dependencies`);
  }
}

/** @returns {Promise<boolean>} false when it failed, which is printed; what needs no build is tested all the same */
async function build() {
  try {
    await makeVsix();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

/**
 * Takes steps from the list, which another call may share, until it is empty.
 * @param {import("./test-steps.mjs").TestStep[]} queue
 */
async function inTurn(queue) {
  /** @type {import("./test-counts.mjs").Counts[]} */
  const done = [];
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    if (isBuilt || !needsBuild(step)) done.push(await runStep(step));
    else {
      console.log(`✗ ${step.title}: not run, as the build failed`);
      done.push({ ...noCounts, failed: 1 });
    }
  }
  return done;
}

/** @param {import("./test-steps.mjs").TestStep} step */
function needsBuild({ needs }) {
  return needs === "build" || needs === "embedded";
}
