import assert from "node:assert/strict";
import type { VsCode } from "../harness/vs-code.ts";
import { waitForStop } from "../harness/debugging.ts";
import { panelOf } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
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
    await recordOnSpan(code, lineOf("if (!(total"), "total");
    await code.pressF5();
    await waitForAnswer(`${url}/21`);

    const panel = await panelOf(code);
    await panel.openTrace("GET");
    await panel.spans(/^GET/).first().click({ button: "right" });
    await code.screenshot("test-results/span-breakpoint-menu.png");
    await code.page.getByRole("menuitem", { name: "Break When This Fails" }).click();
    await listed(code, /GET when it fails/);
    await listed(code, /total recorded at main\.js:6/);

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
    await code.page.keyboard.press("F5");
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

async function recordOnSpan(code: VsCode, line: number, expression: string): Promise<void> {
  await code.openFile("main.js", line);
  await code.runCommand("Spanlight: Record on Span Here...");
  const input = code.page.locator(".quick-input-widget:visible input").first();
  await code.page.locator(".quick-input-widget:visible", { hasText: "Record on Span: line" }).waitFor();
  await input.fill(expression);
  await code.page.keyboard.press("Enter");
  await code.page
    .locator(".codicon-debug-breakpoint-log-unverified, .codicon-debug-breakpoint-log")
    .first()
    .waitFor();
}

/** Waits until the list "Span Breakpoints" has a line with this name. */
function listed(code: VsCode, name: RegExp): Promise<void> {
  const rows = code.page.getByRole("tree", { name: "Span Breakpoints" }).getByRole("treeitem");
  const names = (): Promise<readonly string[]> =>
    rows.evaluateAll((items) => items.map((item) => item.getAttribute("aria-label") ?? ""));
  return until(
    `the list to have ${String(name)}`,
    async () => (await names()).some((each) => name.test(each)),
    async () => (await names()).join("\n"),
  );
}
