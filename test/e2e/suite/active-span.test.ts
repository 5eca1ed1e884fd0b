import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import * as vscode from "vscode";
import { activated, eventually, ReportingProgram, stopAll } from "./launch.ts";

const program = `const { createServer } = require("node:http");
const { writeFileSync } = require("node:fs");
function answer(response) {
  response.end("ok");
}
const server = createServer((request, response) => {
  answer(response);
}).listen(0, "127.0.0.1", () => writeFileSync(process.argv[2], String(server.address().port)));
`;
const BREAK_LINE = 4;

suite("the active span at a stop", () => {
  const folder = new ReportingProgram({ "server.cjs": program });
  suiteTeardown(() => folder.remove());

  test("is asked for once, and again for another frame", async () => {
    const api = await activated();
    /** Questions for the active span that have reached the adapter. */
    let asked = 0;
    const listening = vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker: () => ({
        onWillReceiveMessage: ({ command, arguments: given }: Request) => {
          if (command === "evaluate" && given?.expression?.includes("spanlight.agent") === true) asked++;
        },
      }),
    });
    const file = vscode.Uri.file(`${folder.folder}/server.cjs`);
    const breakpoint = new vscode.SourceBreakpoint(
      new vscode.Location(file, new vscode.Position(BREAK_LINE - 1, 0)),
    );
    try {
      const portFile = `${folder.folder}/port`;
      vscode.debug.addBreakpoints([breakpoint]);
      await vscode.debug.startDebugging(undefined, {
        type: "node",
        request: "launch",
        name: "server",
        program: file.fsPath,
        args: [portFile],
        console: "internalConsole",
      });
      const port = await eventually("the port", () =>
        existsSync(portFile) ? readFileSync(portFile, "utf8") || undefined : undefined,
      );
      get(`http://127.0.0.1:${port}/`, (response) => response.resume());
      const found = await eventually("the active span", () => api.state().activeSpan);
      assert.equal(found.guess, false);
      const frame = await eventually("the frame to be selected", () => selectedFrame());
      await vscode.commands.executeCommand("workbench.action.debug.callStackDown");
      await eventually("another frame to be selected", () => {
        const other = selectedFrame();
        return other !== undefined && other.frameId !== frame.frameId ? other : undefined;
      });
      await eventually("the other frame to be asked about", () => (asked >= 2 ? true : undefined));
      assert.equal(asked, 2);

      await vscode.commands.executeCommand("workbench.action.debug.continue");
      await eventually("no span to be active", () =>
        api.state().activeSpan === undefined ? true : undefined,
      );
    } finally {
      listening.dispose();
      vscode.debug.removeBreakpoints([breakpoint]);
      await stopAll(api);
    }
  });
});

interface Request {
  readonly command?: string;
  readonly arguments?: { readonly expression?: string };
}

function selectedFrame(): vscode.DebugStackFrame | undefined {
  const item = vscode.debug.activeStackItem;
  return item instanceof vscode.DebugStackFrame ? item : undefined;
}
