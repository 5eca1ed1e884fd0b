import assert from "node:assert/strict";
import { panelOf, waitForSpans } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const port = 4631;
const workspace = temporaryWorkspace({
  "hello.js": `require("node:http").createServer((request, response) => response.end("hello")).listen(${port}, "127.0.0.1");\n`,
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      { name: "hello", type: "node", request: "launch", program: "${workspaceFolder}/hello.js" },
    ],
  },
});

scene(
  "after the window was reloaded, what was received before is there again",
  { workspace, settings: { "spanlight.sessionLog.enabled": true } },
  async (code) => {
    await code.pressF5();
    await waitForAnswer(`http://127.0.0.1:${port}/before`);
    await (await panelOf(code)).openTrace("GET");
    await code.stopDebugging();

    await code.reload();
    await code.pressF5();
    await waitForAnswer(`http://127.0.0.1:${port}/after`);
    await code.runCommand("Spanlight: Open Panel");
    const panel = await panelOf(code);
    await panel.traces("GET").nth(1).click();
    await waitForSpans(panel, "the span of before", (names) => names.length === 1);
    await panel.spans(/^GET/).first().click();
    await panel.details.getByText("/before").first().waitFor();
    assert.equal(await panel.traces("GET").count(), 2);
  },
);
