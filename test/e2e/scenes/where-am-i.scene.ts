import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goOn, PATIENT, setBreakpoint, waitForSpanStack, waitForStop } from "../harness/debugging.ts";
import { panelOf } from "../harness/panel.ts";
import { waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { until, type VsCode } from "../harness/vs-code.ts";
import { temporaryWorkspace } from "../harness/workspace.ts";

const ports = { tea: 4760, coffee: 4761 };
const launch = (name: keyof typeof ports) => ({
  name,
  type: "node",
  request: "launch",
  program: `\${workspaceFolder}/${name}/main.js`,
  skipFiles: ["<node_internals>/**"],
});
const server = (name: keyof typeof ports) => `const http = require("node:http");
function serve(request) {
  const cup = ["a cup of ${name}", request.url];
  return request.url === "/endpoint" ? process.env.SPANLIGHT_ENDPOINT : cup.join(" for ");
}
let ticks = 0;
function tick() {
  ticks++;
}
setInterval(tick, 200);
http
  .createServer((request, response) => response.end(serve(request)))
  .listen(${ports[name]}, "127.0.0.1");
`;
const [SERVE_LINE, TICK_LINE] = [3, 8];
const workspace = temporaryWorkspace({
  "tea/package.json": { name: "tea" },
  "tea/main.js": server("tea"),
  "coffee/package.json": { name: "coffee" },
  "coffee/main.js": server("coffee"),
  ".vscode/launch.json": {
    version: "0.2.0",
    compounds: [{ name: "Both", configurations: ["tea", "coffee"], stopAll: true }],
    configurations: [launch("tea"), launch("coffee")],
  },
});

/** Of a program that nobody debugs, and that tells of the call when the person has looked for a while. */
const CALLER = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174" };

scene(
  "where am I: a caller that arrives late, the frame of another program, the time since the last stop, why there is no span, and the switch",
  { workspace, settings: PATIENT, timeoutS: 180 },
  async (code) => {
    const get = (name: keyof typeof ports, headers: Readonly<Record<string, string>> = {}): void => {
      // A scene that fails ends the programs before they have answered.
      fetch(`http://127.0.0.1:${ports[name]}/me`, { headers }).catch(() => undefined);
    };
    await code.startDebugging("Both");
    for (const port of Object.values(ports)) await waitForAnswer(`http://127.0.0.1:${port}/ready`);
    const endpoint = await fetch(`http://127.0.0.1:${ports.coffee}/endpoint`).then((reply) => reply.text());
    await setBreakpoint(code, "tea/main.js", SERVE_LINE);
    await setBreakpoint(code, "coffee/main.js", SERVE_LINE);

    get("tea", { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
    await waitForStop(code, "tea/main.js", SERVE_LINE);
    await waitForSpanStack(code, [/^tea, GET/, /The caller's span has not arrived/]);
    await send(endpoint);
    await waitForSpanStack(code, [/^tea, GET/, /^kettle, boil/]);
    get("coffee");
    const panel = await panelOf(code);
    for (const name of Object.keys(ports))
      await panel.frame.getByRole("option", { name: new RegExp(`${name}.*paused`) }).waitFor();
    const chooser = code.page.locator(".debug-toolbar select");
    await chooser.selectOption("coffee");
    await waitForSpanStack(code, [/^coffee, GET/]);
    await chooser.selectOption("tea");
    await waitForSpanStack(code, [/^tea, GET/, /^kettle, boil/]);

    await code.page.keyboard.press("F10");
    await waitForStop(code, "tea/main.js", SERVE_LINE + 1);
    const said = code.page.locator(".pane-header", { hasText: "Spans" }).locator(".description");
    await until(
      "the time since the last stop",
      async () => /^[\d.]+ (µs|ms) running since the last stop$/.test(await said.innerText()),
      () => said.innerText(),
    );

    set("spanlight.activeSpan.enabled", false);
    await waitForView(code, /Paused programs are not asked/);
    set("spanlight.activeSpan.enabled", true);
    await waitForSpanStack(code, [/^tea, GET/, /^kettle, boil/]);

    await setBreakpoint(code, "tea/main.js", TICK_LINE);
    await goOn(code);
    await waitForStop(code, "tea/main.js", TICK_LINE);
    await waitForView(code, /This thread is in no span/);
    await code.screenshot("test-results/no-span.png");
    await code.runCommand("Spanlight: Ask for the Span Again");
    await waitForView(code, /This thread is in no span/);
    await code.stopDebugging();
  },
);

async function send(endpoint: string): Promise<void> {
  const startTimeUnixNano = `${Date.now() - 60_000}000000`;
  const span = { ...CALLER, name: "boil", kind: 3, startTimeUnixNano };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "kettle" } }] };
  const reply = await fetch(`${endpoint}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  assert.equal(reply.status, 200);
}

/** In the settings of the workspace, as a person writes them. */
function set(name: string, value: unknown): void {
  mkdirSync(join(workspace, ".vscode"), { recursive: true });
  writeFileSync(join(workspace, ".vscode", "settings.json"), JSON.stringify({ [name]: value }));
}

/** Waits until the view "Spans" says this in place of spans. */
function waitForView(code: VsCode, text: RegExp): Promise<void> {
  const view = code.page.locator(".pane", { has: code.page.getByRole("button", { name: /^Spans/ }) });
  return until(
    `the view to say ${text}`,
    async () => text.test(await view.innerText()),
    () => view.innerText(),
  );
}
