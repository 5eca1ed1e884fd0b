// What the extension host loads: finds the bundled *.test.cjs beside itself and runs them with mocha.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

/** A debugger that starts for the first time takes 10 seconds here, more on a busy machine. */
const timeoutMs = 60_000;

/** Called by VS Code; rejects when a test failed. The counts go to the file that SPANLIGHT_TEST_RESULTS names. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: "tdd", timeout: timeoutMs, color: false });
  for (const file of readdirSync(__dirname)
    .filter((name) => name.endsWith(".test.cjs"))
    .sort()) {
    mocha.addFile(join(__dirname, file));
  }
  const { passes, failures, pending } = await new Promise<Mocha.Stats>((resolve) => {
    const runner = mocha.run(() => {
      if (runner.stats !== undefined) resolve(runner.stats);
    });
  });
  const results = process.env["SPANLIGHT_TEST_RESULTS"];
  if (results !== undefined) {
    writeFileSync(results, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
  }
  if (failures > 0) throw new Error(`${failures} of the tests in the extension host failed`);
}
