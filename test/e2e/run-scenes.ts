// Plays test/e2e/scenes/*.scene.ts, one after the other, in one embedded VS Code.
//
//   node --import tsx test/e2e/run-scenes.ts [--vsix FILE] [--only TEXT] [--results FILE]
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { projectFolder, vsixFile } from "../../scripts/vsix.mjs";
import type { Scene } from "./harness/scene.ts";
import { scenes } from "./harness/scene.ts";
import type { VsCode } from "./harness/vs-code.ts";
import { startVsCode, stopHost } from "./harness/vs-code.ts";

const { values } = parseArgs({
  options: { vsix: { type: "string" }, only: { type: "string" }, results: { type: "string" } },
});
const resultsFolder = join(projectFolder, "test-results");

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void stopHost().then(() => process.exit(130)));

const folder = join(projectFolder, "test", "e2e", "scenes");
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(".scene.ts"))
  .sort()) {
  await import(pathToFileURL(join(folder, file)).href);
}

let failed = 0;
let skipped = 0;
const chosen = scenes.filter(({ title }) => title.includes(values.only ?? ""));
for (const each of chosen) {
  const reason = await each.options.skip?.();
  if (reason !== undefined) {
    skipped += 1;
    console.log(`– ${each.title}: skipped, ${reason}`);
    continue;
  }
  const started = performance.now();
  const problem = await play(each);
  const duration = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  console.log(`${problem === undefined ? "✓" : "✗"} ${each.title} (${duration})`);
  if (problem !== undefined) {
    failed += 1;
    console.log(problem.replaceAll(/^/gm, "    "));
  }
}
await stopHost();
const counts = { passed: chosen.length - failed - skipped, failed, skipped };
if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(counts));
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

/** Gives what went wrong, with the path of a picture of that moment, or undefined. */
async function play({ title, options, play: story }: Scene): Promise<string | undefined> {
  let code: VsCode | undefined;
  let timer: NodeJS.Timeout | undefined;
  const limitS = options.timeoutS ?? 120;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the scene took longer than ${limitS} s`));
    }, limitS * 1000);
  });
  const told = async (): Promise<void> => {
    code = await startVsCode({ ...options, vsix: values.vsix ?? vsixFile });
    await story(code);
  };
  try {
    await Promise.race([told(), tooLong]);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${text}\n${await picture(title, code)}`;
  } finally {
    clearTimeout(timer);
    await code?.stop();
  }
}

async function picture(title: string, code: VsCode | undefined): Promise<string> {
  if (code === undefined) return "VS Code did not come up, so there is no screenshot";
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${title.replaceAll(/[^\w]+/g, "-").slice(0, 80)}.png`);
  return code.screenshot(file).then(
    () => `screenshot: ${file}`,
    (error: unknown) => `no screenshot: ${String(error)}`,
  );
}
