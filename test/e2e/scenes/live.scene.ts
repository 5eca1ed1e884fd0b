import assert from "node:assert/strict";
import { panelOf, waitForSpans } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const port = 4630;
const program = `const http = require("node:http");
let release;
http
  .createServer((request, response) => {
    if (request.url === "/wait") release = () => response.end("at last");
    else {
      if (request.url === "/release") release();
      response.end("ok");
    }
  })
  .listen(${port}, "127.0.0.1");
`;
const workspace = temporaryWorkspace({
  "wait.js": program,
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      { name: "wait", type: "node", request: "launch", program: "${workspaceFolder}/wait.js" },
    ],
  },
});

scene(
  "a request is on the screen while it runs, completes in its row, and ends with its process when that is killed",
  { workspace },
  async (code) => {
    await code.pressF5();
    await waitForAnswer(`http://127.0.0.1:${port}/ready`);
    const panel = await panelOf(code);
    await panel.openTrace("GET");

    const first = fetch(`http://127.0.0.1:${port}/wait`);
    await panel.traces("GET").nth(1).waitFor();
    await panel.openTrace("GET");
    await waitForSpans(panel, "the request to run", (names) =>
      names.some((name) => name.includes(", running")),
    );
    await fetch(`http://127.0.0.1:${port}/release`);
    assert.equal(await (await first).text(), "at last");
    await waitForSpans(
      panel,
      "its one row to have ended",
      (names) => names.length === 1 && !(names[0] ?? "").includes("running"),
    );

    const cut = fetch(`http://127.0.0.1:${port}/wait`).catch(() => "cut");
    await panel.traces("GET").nth(3).waitFor();
    await panel.openTrace("GET");
    await waitForSpans(panel, "the request to run", (names) =>
      names.some((name) => name.includes(", running")),
    );
    await code.stopDebugging();
    assert.equal(await cut, "cut");
    await waitForSpans(panel, "it to have ended with its process", (names) =>
      (names[0] ?? "").includes(", lost"),
    );
  },
);
