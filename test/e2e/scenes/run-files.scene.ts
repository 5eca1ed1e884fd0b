import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerFileDialog, cancelFileDialog, hearToast } from "../harness/files.ts";
import { panelOf, waitForSpans } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { until } from "../harness/vs-code.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const port = 4641;
const program = `const http = require("node:http");
http
  .createServer((request, response) => response.end("hello"))
  .listen(${port}, "127.0.0.1");
`;
const workspace = temporaryWorkspace({
  "hello/package.json": { name: "hello" },
  "hello/main.js": program,
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      { name: "hello", type: "node", request: "launch", program: "${workspaceFolder}/hello/main.js" },
    ],
  },
});
const HANDLER_LINE = 3;
const folder = mkdtempSync(join(tmpdir(), "spanlight-runs-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const backups = join(folder, "backups");

scene(
  "a run is saved to a file, cleared, and there again when it is restored; backups are made meanwhile",
  {
    workspace,
    timeoutS: 240,
    settings: {
      "spanlight.backup.everyMinutes": 1,
      "spanlight.backup.folder": backups,
      "spanlight.backup.keep": 1,
    },
  },
  async (code) => {
    const saved = join(folder, "one.spanlight");
    await code.pressF5();
    await waitForAnswer(`http://127.0.0.1:${port}/before`);
    const panel = await panelOf(code);
    await panel.openTrace("GET");
    await code.stopDebugging();

    await code.runCommand("Spanlight: Save Run...", "asks");
    await cancelFileDialog(code, "Save Run");
    assert.deepEqual(readdirSync(folder), [], "a dialog that is left writes nothing");
    await code.runCommand("Spanlight: Save Run...", "asks");
    await answerFileDialog(code, "Save Run", saved);
    assert.match(await hearToast(code, /Saved/), /^Saved 1 span to one\.spanlight \(\d+ KB\)\.$/);
    assert.equal(readFileSync(saved).subarray(0, 8).toString(), "SPANLRUN");

    const clear = async (): Promise<void> => {
      await code.runCommand("Spanlight: Clear Traces");
      await panel.traces("GET").first().waitFor({ state: "detached" });
    };
    await clear();
    await code.runCommand("Spanlight: Restore Runs...", "asks");
    await cancelFileDialog(code, "Restore Runs");
    assert.equal(await panel.traces("GET").count(), 0, "a dialog that is left restores nothing");

    await code.runCommand("Spanlight: Restore Runs...", "asks");
    await answerFileDialog(code, "Restore Runs", saved);
    assert.match(
      await hearToast(code, /Restored/),
      /^Restored 1 span from one\.spanlight into run 1 \(hello\)\.$/,
    );
    await waitForSpans(panel, "the restored trace to be open", (names) => names.length === 1);
    await panel.spans(/^GET/).first().click();
    await panel.details.getByText("/before").first().waitFor();
    await code.waitForCursor("hello/main.js", HANDLER_LINE);

    await code.runCommand("Spanlight: Restore Runs...", "asks");
    await answerFileDialog(code, "Restore Runs", saved);
    assert.match(
      await hearToast(code, /here already/),
      /^Everything in one\.spanlight is here already: 1 span\.$/,
    );
    assert.equal(await panel.traces("GET").count(), 1);

    const text = join(folder, "text.spanlight");
    writeFileSync(text, "no run at all\n".repeat(100));
    await code.runCommand("Spanlight: Restore Runs...", "asks");
    await answerFileDialog(code, "Restore Runs", text);
    assert.match(
      await hearToast(code, /text\.spanlight/),
      /^text\.spanlight could not be restored\. .*no run saved by Spanlight/,
    );
    assert.equal(await panel.traces("GET").count(), 1, "what is held stays");

    await clear();
    const cut = join(folder, "cut.spanlight");
    writeFileSync(cut, readFileSync(saved).subarray(0, -30));
    await code.runCommand("Spanlight: Restore Runs...", "asks");
    await answerFileDialog(code, "Restore Runs", cut);
    assert.match(
      await hearToast(code, /cut\.spanlight/),
      /^cut\.spanlight was restored in part\. .* is cut off: .*Copy the file again/,
    );
    await panel.traces("GET").first().waitFor();

    await code.runCommand("Spanlight: Save All Runs...", "asks");
    await answerFileDialog(code, "Save All Runs", join(folder, "all.spanlight"));
    assert.match(await hearToast(code, /Saved/), /^Saved 1 span to all\.spanlight/);

    // A backup that is still being written stands under a name that ends otherwise.
    const whole = () =>
      existsSync(backups) ? readdirSync(backups).filter((name) => name.endsWith(".spanlight")) : [];
    await until("a backup", async () => whole().length > 0, undefined, 90_000);
    const [backup = ""] = whole();
    await clear();
    copyFileSync(join(backups, backup), join(folder, "backup.spanlight"));
    await code.runCommand("Spanlight: Open Trace File...", "asks");
    await answerFileDialog(code, "Open Traces", join(folder, "backup.spanlight"));
    await hearToast(code, /^Restored 1 span from backup\.spanlight/);
    await panel.traces("GET").first().waitFor();
  },
);
