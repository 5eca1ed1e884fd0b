import assert from "node:assert/strict";
import * as vscode from "vscode";
import { activated, eventually, ReportingProgram, stopAll } from "./launch.ts";

const program = `const { Worker, isMainThread, parentPort } = require("node:worker_threads");
const { createServer } = require("node:http");
const { connect } = require("node:net");
if (isMainThread) {
  // Without a span of its own: the one that is waited for is the worker's.
  new Worker(__filename).on("message", (port) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.end("DELETE /cart HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n"));
    socket.resume();
  });
} else {
  const server = createServer(function handle(request, response) {
    const answer = request.url;
    response.end(answer);
  }).listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
}
`;
const handlerLine = program.split("\n").findIndex((line) => line.includes("const answer")) + 1;

suite("span breakpoints in a worker thread", () => {
  const folder = new ReportingProgram({ "worker.cjs": program });
  suiteTeardown(() => folder.remove());

  test("a request that starts there stops in the function that handles it", async () => {
    const api = await activated();
    await vscode.commands.executeCommand("spanlight.breakWhenSpanStarts", { spanName: "DELETE" });
    try {
      await vscode.debug.startDebugging(undefined, {
        type: "node",
        request: "launch",
        name: "worker",
        program: `${folder.folder}/worker.cjs`,
        console: "internalConsole",
      });
      const at = await eventually("the worker to stand in the handler", () => handlerFrame());
      assert.equal(at["line"], handlerLine);
    } finally {
      await stopAll(api);
    }
  });
});

/** The selected frame, once it is the handler's. */
async function handlerFrame(): Promise<Readonly<Record<string, unknown>> | undefined> {
  const item = vscode.debug.activeStackItem;
  if (!(item instanceof vscode.DebugStackFrame)) return undefined;
  const stack = (await Promise.resolve(
    item.session.customRequest("stackTrace", { threadId: item.threadId, startFrame: 0, levels: 1 }),
  ).catch(() => undefined)) as
    { readonly stackFrames: readonly Readonly<Record<string, unknown>>[] } | undefined;
  return stack?.stackFrames.find(({ name }) => String(name).endsWith("handle"));
}
