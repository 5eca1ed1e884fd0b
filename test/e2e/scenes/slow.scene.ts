import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../scripts/vsix.mjs";
import { goOn, PATIENT, waitForSpanStack } from "../harness/debugging.ts";
import { panelOf, waitForSpans } from "../harness/panel.ts";
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
  { workspace, settings: PATIENT, timeoutS: 240 },
  async (code) => {
    await addSlowBreakpoint(code, "GET & url.path=/busy", 500);
    await waitForListed(code, /url\.path=\/busy when it runs longer than 500 ms/);
    await addSlowBreakpoint(code, "GET & url.path=/waiting", 500);
    await code.pressF5();
    await waitForAnswer(`${url}/`);
    const panel = await panelOf(code);

    const busy = fetch(`${url}/busy`).then((response) => response.text());
    // A scene that fails ends the program before it has answered.
    busy.catch(() => undefined);
    await code.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await code.page.getByText(/^Paused: span GET has been running for/).waitFor();
    await waitForSpanStack(code, [/^slow, GET, main\.js:15/]);
    const at = await code.cursorPosition();
    assert.ok(
      at.file.endsWith("main.js") && at.line >= 5 && at.line <= 6,
      `the loop, not ${JSON.stringify(at)}`,
    );
    await goOn(code);
    assert.match(await busy, /^\d+$/);

    const waiting = fetch(`${url}/waiting`).then((response) => response.text());
    waiting.catch(() => undefined);
    await code.waitForCursor("main.js", 11);
    await waitForSpanStack(code, [/^slow, GET, main\.js:11/, /^slow, GET, main\.js:15/]);
    await code.page.getByText(/^Paused: span GET has been running for .*, at main\.js:11$/).waitFor();
    const tabs = code.page.getByRole("tab", { name: /spanlight-span-breakpoint/ });
    await until("nothing of the agent to be left open", async () => (await tabs.count()) === 0);
    await code.screenshot("test-results/slow-waiting.png");
    await goOn(code);
    await fetch(`${url}/`);
    assert.equal(await waiting, "at last");
    await waitForSpans(
      panel,
      "the pause to be told with the spans, as of any stop",
      (names) => names.length === 3 && names.every((name) => name.includes(", paused ")),
    );
    await code.stopDebugging();
  },
);

const PORTS = { PRICING_PORT: "4771", STOCK_PORT: "4772" };
/** A copy, whose launch configurations name this machine's tools. */
const others = temporaryWorkspace({});

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
  { workspace: others, settings: PATIENT, skip: prepare, timeoutS: 240 },
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

    const told = (words: RegExp): Promise<void> => code.page.getByText(words).waitFor({ timeout: 40_000 });
    const ask = (address: string): Promise<string> => {
      const answer = fetch(address).then((response) => response.text());
      // A scene that fails ends the programs before they have answered.
      answer.catch(() => undefined);
      return answer;
    };

    const busy = ask(`${pricing}/busy/15`);
    await told(/^Paused: span GET \/busy.* has been running for .*, at app\.py:(40|41)$/);
    await waitForSpanStack(code, [/^pricing, GET \/busy/]);
    await goOn(code);
    assert.equal(await busy, "done");

    const sleeps = ask(`${pricing}/sleep/10`);
    await told(new RegExp(`stops when the call at app\\.py:${lines.sleep} returns`));
    await code.screenshot("test-results/slow-python.png");
    await told(new RegExp(`^Paused: span GET /sleep.*, at app\\.py:${lines.sleep + 1}$`));
    await waitForSpanStack(code, [/^pricing, GET \/sleep/]);
    await goOn(code);
    assert.equal(await sleeps, "slept");

    const slept = ask(`${stock}/sleep`);
    await told(new RegExp(`^Paused: span GET /stock.*, at main\\.go:${lines.stock}$`));
    await code.waitForCursor("stock/main.go", lines.stock);
    await waitForSpanStack(code, [/^stock, GET \/stock/]);
    await code.screenshot("test-results/slow-go.png");
    await goOn(code);
    assert.equal(await slept, "slept");
    await code.stopDebugging();
  },
);
