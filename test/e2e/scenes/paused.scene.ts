import assert from "node:assert/strict";
import { goOn, PATIENT, setBreakpoint, waitForSpanStack, waitForStop } from "../harness/debugging.ts";
import { panelOf, spanNames, waitForSpans } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const [frontPort, backPort] = [4750, 4751];
const server = (answer: string, port: number) => `const http = require("node:http");
async function answer(request) {
  ${answer}
}
http
  .createServer(async (request, response) => response.end(await answer(request)))
  .listen(${port}, "127.0.0.1");
`;
const launch = (name: string) => ({
  name,
  type: "node",
  request: "launch",
  program: `\${workspaceFolder}/${name}/main.js`,
  skipFiles: ["<node_internals>/**"],
});
const workspace = temporaryWorkspace({
  "front/package.json": { name: "front" },
  "front/main.js": server(
    `if (request.url !== "/stock") return "ok";\n  const reply = await fetch("http://127.0.0.1:${backPort}/lamp");\n  return reply.text();`,
    frontPort,
  ),
  "back/package.json": { name: "back" },
  "back/main.js": server(
    'const stock = { "/lamp": "12" };\n  return stock[request.url] ?? "none";',
    backPort,
  ),
  ".vscode/launch.json": {
    version: "0.2.0",
    compounds: [{ name: "Both", configurations: ["back", "front"], stopAll: true }],
    configurations: [launch("front"), launch("back")],
  },
});
const BREAK_LINE = 4;

scene(
  "paused in one of two services: the callers of both, what is unfinished, and afterwards durations without the pause",
  { workspace, settings: PATIENT, timeoutS: 180 },
  async (code) => {
    await code.startDebugging("Both");
    await waitForAnswer(`http://127.0.0.1:${frontPort}/ready`);
    await waitForAnswer(`http://127.0.0.1:${backPort}/ready`);
    await setBreakpoint(code, "back/main.js", BREAK_LINE);
    const asked = fetch(`http://127.0.0.1:${frontPort}/stock`).then((response) => response.text());
    // A scene that fails ends the programs before they have answered.
    asked.catch(() => undefined);
    await waitForStop(code, "back/main.js", BREAK_LINE);
    await waitForSpanStack(code, [/^back, GET/, /^front, GET, main\.js:4/, /^front, GET/]);

    const panel = await panelOf(code);
    await waitForSpans(panel, "the trace to follow, with its active span marked", (names) =>
      names.some((name) => name.includes("back") && name.includes("the paused thread is here")),
    );
    const stoppedAt = Date.now();
    await code.runCommand("Spanlight: Show Unfinished Spans", "asks");
    const unfinished = code.page.locator(".quick-input-list .monaco-list-row");
    await unfinished.filter({ hasText: "back: GET" }).filter({ hasText: "running for" }).waitFor();
    assert.equal(await unfinished.count(), 3);
    for (const [service, waits] of [
      ["back: GET", `paused at main.js:${BREAK_LINE}`],
      ["front: GET", `waits for back, paused at main.js:${BREAK_LINE}`],
    ] as const)
      await unfinished.filter({ hasText: service }).filter({ hasText: waits }).first().waitFor();
    await code.page.keyboard.press("Escape");
    const pausedMs = Date.now() - stoppedAt;
    await goOn(code);
    assert.equal(await asked, "12");
    await waitForSpans(
      panel,
      "all of it to have ended",
      (names) => names.length === 3 && names.every((name) => name.includes(", ended")),
    );
    for (const name of await spanNames(panel)) {
      const told = millisecondsOf(/, paused ([\d.]+ \w+)/.exec(name)?.[1]);
      assert.ok(told > pausedMs * 0.9, `${name}: at least ${pausedMs} ms of pause are told apart`);
      const ran = millisecondsOf(/^GET, ([\d.]+ \w+)/.exec(name)?.[1]);
      assert.ok(ran < told, `${name}: what the program took is without the pause`);
    }
    await code.stopDebugging();
  },
);

/** Of a spoken duration, such as `1.2 seconds`. */
function millisecondsOf(spoken = ""): number {
  const [number, unit = ""] = spoken.split(" ");
  const factor = { seconds: 1000, milliseconds: 1, microseconds: 0.001 }[unit];
  return factor === undefined ? Number.NaN : Number(number) * factor;
}
