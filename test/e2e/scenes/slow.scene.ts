import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../../scripts/vsix.mjs";
import { spanStack, waitForSpanStack } from "../harness/debugging.ts";
import { panelOf } from "../harness/panel.ts";
import { installPolyglot, polyglotMissing } from "../harness/polyglot-tools.ts";
import { lineOf, waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { addSlowBreakpoint, waitForListed } from "../harness/span-breakpoints.ts";
import { until } from "../harness/vs-code.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const url = "http://127.0.0.1:4770";
const program = `const http = require("node:http");
let goOn = () => undefined;
function busy(ms) {
  let turns = 0;
  for (const end = Date.now() + ms; Date.now() < end; ) {
    turns++;
  }
  return turns;
}
async function waiting() {
  const reply = await fetch("${url}/never");
  return reply.text();
}
http
  .createServer(async (request, response) => {
    if (request.url === "/busy") response.end(String(busy(8000)));
    else if (request.url === "/waiting") response.end(await waiting());
    else if (request.url === "/never") goOn = () => response.end("at last");
    else response.end(String(goOn()));
  })
  .listen(4770, "127.0.0.1");
`;

const workspace = temporaryWorkspace({
  "main.js": program,
  "package.json": { name: "slow" },
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      {
        name: "slow",
        type: "node",
        request: "launch",
        program: "${workspaceFolder}/main.js",
        skipFiles: ["<node_internals>/**"],
      },
    ],
  },
});

scene(
  "a span that runs too long pauses its Node process, in its own loop and where it waits",
  { workspace, timeoutS: 240 },
  async (code) => {
    await addSlowBreakpoint(code, "GET & url.path=/busy", 500);
    await waitForListed(code, /url\.path=\/busy when it runs longer than 500 ms/);
    await addSlowBreakpoint(code, "GET & url.path=/waiting", 500);
    await code.pressF5();
    await waitForAnswer(`${url}/`);
    const panel = await panelOf(code);

    const busy = fetch(`${url}/busy`).then((r) => r.text());
    busy.catch(() => undefined);
    await code.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await code.screenshot("test-results/slow-busy.png");
    await waitForSpanStack(code, [/^slow, GET/]);
    console.log(await spanStack(code), await code.cursorPosition());
    await code.page.keyboard.press("F5");
    assert.match(await busy, /^\d+$/);

    const waiting = fetch(`${url}/waiting`).then((r) => r.text());
    waiting.catch(() => undefined);
    await waitForSpanStack(code, [/^slow, GET, main\.js:11/, /^slow, GET, main\.js:15/]);
    await new Promise((r) => setTimeout(r, 2000));
    await code.screenshot("test-results/slow-waiting.png");
    console.log(await spanStack(code), await code.cursorPosition());
    void panel;
    void until;
    await code.stopDebugging();
  },
);

const PORTS = { PRICING_PORT: "4771", STOCK_PORT: "4772" };
/** A copy, whose launch configurations name this machine's tools. */
const others = mkdtempSync(join(tmpdir(), "spanlight-slow-"));
process.on("exit", () => rmSync(others, { recursive: true, force: true }));

async function prepare(): Promise<string | undefined> {
  const missing = await polyglotMissing();
  if (missing !== undefined) return missing;
  const tools = await installPolyglot();
  cpSync(join(projectFolder, "test/fixtures/slow"), others, { recursive: true });
  for (const file of ["go.mod", "go.sum"])
    cpSync(join(projectFolder, "examples/polyglot/stock", file), join(others, "stock", file));
  const common = { request: "launch", env: PORTS };
  const program = "${workspaceFolder}";
  const configurations = [
    {
      ...common,
      name: "stock",
      type: "go",
      mode: "debug",
      program: `${program}/stock`,
      dlvToolPath: tools.dlv,
    },
    {
      ...common,
      name: "pricing",
      type: "debugpy",
      program: `${program}/pricing/app.py`,
      python: tools.python,
      console: "internalConsole",
    },
  ];
  const compounds = [{ name: "Both", configurations: ["stock", "pricing"], stopAll: true }];
  mkdirSync(join(others, ".vscode"));
  writeFileSync(
    join(others, ".vscode/launch.json"),
    JSON.stringify({ version: "0.2.0", compounds, configurations }),
  );
  return undefined;
}

scene(
  "a span that runs too long pauses its Python or Go process, where these are installed",
  { workspace: others, skip: prepare, timeoutS: 120 },
  async (code) => {
    const lines = {
      sleep: await lineOf("test/fixtures/slow/pricing/app.py", "time.sleep(seconds)"),
      stock: await lineOf("test/fixtures/slow/stock/main.go", "time.Sleep(rest)"),
    };
    await addSlowBreakpoint(code, "GET /busy*", 700);
    await addSlowBreakpoint(code, "GET /sleep*", 700);
    await addSlowBreakpoint(code, "GET /stock", 700);
    await code.startDebugging("Both");
    const [pricing, stock] = [PORTS.PRICING_PORT, PORTS.STOCK_PORT].map((port) => `http://127.0.0.1:${port}`);
    await waitForAnswer(`${pricing}/busy/0`, 120_000);
    await waitForAnswer(`${stock}/sleep?short`, 120_000);
    console.log("both up");

    const slept = fetch(`${stock}/sleep`).then((r) => r.text());
    slept.catch(() => undefined);
    await new Promise((r) => setTimeout(r, 6000));
    await code.screenshot("test-results/slow-go.png");
    console.log("go", await spanStack(code), await code.cursorPosition().catch(String), lines);
    await code.page.keyboard.press("F5");
    console.log(await slept);

    const busy = fetch(`${pricing}/busy/12`).then((r) => r.text());
    busy.catch(() => undefined);
    await new Promise((r) => setTimeout(r, 6000));
    await code.screenshot("test-results/slow-py-busy.png");
    console.log("py busy", await spanStack(code), await code.cursorPosition().catch(String));
    await code.runCommand("Debug: Continue");
    console.log(await Promise.race([busy, new Promise((r) => setTimeout(() => r("no"), 15000))]));
    const sleeps = fetch(`${pricing}/sleep/12`).then((r) => r.text());
    sleeps.catch(() => undefined);
    await new Promise((r) => setTimeout(r, 8000));
    await code.screenshot("test-results/slow-py-sleep.png");
    console.log("py sleep", await spanStack(code), await code.cursorPosition().catch(String));
    await new Promise((r) => setTimeout(r, 8000));
    await code.screenshot("test-results/slow-py-sleep2.png");
    console.log("py sleep", await spanStack(code), await code.cursorPosition().catch(String));
    await code.page.keyboard.press("F5");
    await code.stopDebugging();
  },
);
