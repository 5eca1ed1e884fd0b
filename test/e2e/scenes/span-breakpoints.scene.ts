import assert from "node:assert/strict";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { goOn, waitForStop } from "../harness/debugging.ts";
import { panelOf } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { addSpanBreakpoint, recordOnSpan, waitForListed } from "../harness/span-breakpoints.ts";
import { until } from "../harness/vs-code.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const url = "http://127.0.0.1:4760";
const program = [
  'const http = require("node:http");',
  "http",
  "  .createServer(function price(request, response) {",
  "    const cents = Number(request.url.slice(1));",
  "    const total = cents * 2;",
  "    if (!(total > 0)) response.statusCode = 500;",
  "    response.end(String(total));",
  "    return total;",
  "  })",
  '  .listen(4760, "127.0.0.1");',
  "",
].join("\n");
const lineOf = (text: string): number => program.split("\n").findIndex((line) => line.includes(text)) + 1;

const workspace = temporaryWorkspace({
  "main.js": program,
  "package.json": { name: "prices" },
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      { name: "prices", type: "node", request: "launch", program: "${workspaceFolder}/main.js" },
    ],
  },
});

scene(
  "a span breakpoint from the panel stops at the person's own line; a tracepoint records on the span without stopping",
  { workspace, timeoutS: 240 },
  async (code) => {
    await recordOnSpan(code, "main.js", lineOf("if (!(total"), "total");
    await code.pressF5();
    await waitForAnswer(`${url}/21`);

    const panel = await panelOf(code);
    await panel.openTrace("GET");
    await panel.spans(/^GET/).first().click({ button: "right" });
    await code.screenshot("test-results/span-breakpoint-menu.png");
    await code.page.getByRole("menuitem", { name: "Break When This Fails" }).click();
    await waitForListed(code, /GET when it fails/);
    await waitForListed(code, /total recorded at main\.js:6/);

    assert.equal(
      await (await fetch(`${url}/21`)).text(),
      "42",
      "a request that does not fail is not stopped",
    );
    const failing = fetch(`${url}/none`).then((response) => response.status);
    failing.catch(() => undefined);
    await waitForStop(code, "main.js", lineOf("return total"));
    await code.page.getByText("Stopped: span GET failed").waitFor();
    const tabs = code.page.getByRole("tab", { name: /spanlight-span-breakpoint/ });
    await until("nothing of the agent to be left open", async () => (await tabs.count()) === 0);
    await code.screenshot("test-results/span-breakpoint-hit.png");
    await goOn(code);
    assert.equal(await failing, 500);

    // The request before that one, which nothing stopped.
    await panel.traces("GET").nth(1).click();
    await panel.spans(/^GET/).first().waitFor();
    await panel.spans(/^GET/).first().click();
    const details = (): Promise<string> => panel.details.innerText();
    await until(
      "the recorded event to be among the details",
      async () => /\btotal\b[\s\S]*value/.test(await details()),
      details,
    );
    await panel.details.getByText("Events").first().scrollIntoViewIfNeeded();
    await code.screenshot("test-results/tracepoint-event.png");
    await code.stopDebugging();
  },
);

const source = `import { createServer } from "node:http";
// The prices of the shop.

interface Order {
  readonly cents: number;
}

/** Parses what was asked for. */
function orderOf(url: string): Order {
  return { cents: Number(url.slice(1)) };
}

createServer((request, response): void => {
  const order: Order = orderOf(request.url ?? "");
  response.end(String(order.cents * 2));
}).listen(4761, "127.0.0.1");
`;
const { outputText, sourceMapText = "" } = transpileModule(source, {
  fileName: "main.ts",
  compilerOptions: {
    target: ScriptTarget.ES2022,
    module: ModuleKind.ESNext,
    sourceMap: true,
    removeComments: true,
  },
});
const compiled = temporaryWorkspace({
  "main.ts": source,
  "dist/main.js": outputText,
  "dist/main.js.map": sourceMapText.replace('"main.ts"', '"../main.ts"'),
  "package.json": { name: "typed", type: "module" },
  ".vscode/launch.json": {
    version: "0.2.0",
    configurations: [
      {
        name: "typed",
        type: "node",
        request: "launch",
        program: "${workspaceFolder}/dist/main.js",
        outFiles: ["${workspaceFolder}/dist/**/*.js"],
        skipFiles: ["<node_internals>/**"],
      },
    ],
  },
});

scene(
  "a span breakpoint stops in the TypeScript that was compiled",
  { workspace: compiled, timeoutS: 180 },
  async (code) => {
    await addSpanBreakpoint(code, "Starts", "GET & url.path=/21");
    await code.pressF5();
    await waitForAnswer("http://127.0.0.1:4761/");
    const asked = fetch("http://127.0.0.1:4761/21").then((response) => response.text());
    asked.catch(() => undefined);
    await waitForStop(code, "/main.ts", 14);
    await code.page.getByText("Stopped: span GET started").waitFor();
    await goOn(code);
    assert.equal(await asked, "42");

    await code.stopDebugging();
  },
);
