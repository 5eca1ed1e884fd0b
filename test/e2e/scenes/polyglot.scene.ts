import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../../scripts/vsix.mjs";
import { goOn, PATIENT, setBreakpoint, waitForSpanStack, waitForStop } from "../harness/debugging.ts";
import { panelOf, spanNames, waitForSpans } from "../harness/panel.ts";
import { installPolyglot, polyglotMissing } from "../harness/polyglot-tools.ts";
import { lineOf, waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { recordOnSpan } from "../harness/span-breakpoints.ts";
import { until } from "../harness/vs-code.ts";

const PORTS = { WEB_PORT: "4740", PRICING_PORT: "4741", STOCK_PORT: "4742" };
const url = `http://127.0.0.1:${PORTS.WEB_PORT}/order/lamp`;
const example = join(projectFolder, "examples", "polyglot");
/** A copy, whose launch configurations name this machine's tools. */
const workspace = mkdtempSync(join(tmpdir(), "spanlight-polyglot-"));
process.on("exit", () => rmSync(workspace, { recursive: true, force: true }));

async function prepare(): Promise<string | undefined> {
  const missing = await polyglotMissing();
  if (missing !== undefined) return missing;
  const tools = await installPolyglot();
  for (const part of ["web", "pricing", "stock"])
    cpSync(join(example, part), join(workspace, part), { recursive: true });
  const launch = JSON.parse(readFileSync(join(example, ".vscode", "launch.json"), "utf8"));
  for (const configuration of launch.configurations) {
    configuration.env = PORTS;
    if (configuration.type === "debugpy") configuration.python = tools.python;
    if (configuration.type === "go") configuration.dlvToolPath = tools.dlv;
  }
  mkdirSync(join(workspace, ".vscode"), { recursive: true });
  writeFileSync(join(workspace, ".vscode", "launch.json"), JSON.stringify(launch, undefined, 2));
  return undefined;
}

scene(
  "one request through Node, Python and Go: at each stop the span of the thread and its callers in all processes",
  { workspace, settings: PATIENT, skip: prepare, timeoutS: 300 },
  async (code) => {
    const lines = {
      web: await lineOf("examples/polyglot/web/main.js", "const response = await fetch"),
      pricing: await lineOf("examples/polyglot/pricing/app.py", "stock = requests.get"),
      stock: await lineOf("examples/polyglot/stock/main.go", "return left[product]"),
      discount: await lineOf("examples/polyglot/pricing/app.py", "return cents if left"),
    };
    await setBreakpoint(code, "main.js", lines.web);
    await setBreakpoint(code, "app.py", lines.pricing);
    await setBreakpoint(code, "main.go", lines.stock);
    await recordOnSpan(code, "pricing/app.py", lines.discount, "cents + left");
    await code.startDebugging("Polyglot");
    for (const port of Object.values(PORTS)) await waitForAnswer(`http://127.0.0.1:${port}/none`, 120_000);

    let stoodMs = 0;
    /** What is done while a program stands, from when that is seen until it is let go on: less than the whole pause. */
    const standing = async (look: () => Promise<void>): Promise<void> => {
      const sinceMs = performance.now();
      await look();
      stoodMs += performance.now() - sinceMs;
      await goOn(code);
    };
    const begunMs = performance.now();
    let tookMs = 0;
    const order = fetch(url)
      .then((response) => response.text())
      .finally(() => (tookMs = performance.now() - begunMs));
    // A scene that fails ends the programs before they have answered.
    order.catch(() => undefined);
    await waitForStop(code, "web/main.js", lines.web);
    await standing(() => waitForSpanStack(code, [/^web, GET/]));
    await waitForStop(code, "pricing/app.py", lines.pricing);
    await standing(() =>
      waitForSpanStack(code, [/^pricing, GET \/price\/<product>/, /^web, GET/, /^web, GET/]),
    );
    await waitForStop(code, "stock/main.go", lines.stock);
    const panel = await panelOf(code);
    await standing(async () => {
      await waitForSpanStack(code, [
        /^stock, count lamp/,
        /^stock, GET \/stock/,
        /^pricing, GET \/price\/<product>/,
        /^web, GET/,
        /^web, GET/,
      ]);
      await waitForSpans(panel, "the panel to have followed to the span in Go", (names) =>
        names.some((name) => name.startsWith("count lamp") && name.includes("the paused thread is here")),
      );
      // Python has not exported the call that it made: whoever waits for Go stands still all the same.
      await waitForSpans(
        panel,
        "the callers in Node and Python to stand still with Go",
        (names) => names.length >= 5 && !names.some((name) => name.includes(", running")),
      );
      if (process.env["SPANLIGHT_UPDATE_IMAGES"] === "1") await code.screenshot("docs/images/paused.png");
      // The frame further out is still in the span around.
      await code.page.locator(".debug-call-stack .stack-frame", { hasText: "main.stock" }).click();
      await waitForSpanStack(code, [/^stock, GET \/stock/, /^pricing, GET/, /^web, GET/, /^web, GET/]);
      // A caller's line opens though its process does not stand there.
      await code.page.getByRole("tree", { name: "Spans" }).getByRole("treeitem").nth(2).click();
      await code.waitForCursor("web/main.js", lines.web);
    });
    assert.deepEqual(JSON.parse(await order), { product: "lamp", cents: 4410, left: 12 });
    await until("the tree to be empty", async () => {
      const rows = code.page.getByRole("tree", { name: "Spans" }).getByRole("treeitem");
      return (await rows.count()) === 0;
    });

    await panel.openTrace("GET");
    await waitForSpans(panel, "the trace to be whole", (names) =>
      ["count lamp", "GET /stock", "discount"].every((name) => names.some((each) => each.startsWith(name))),
    );
    await waitForSpans(
      panel,
      "all of it to have ended, in three processes, without the pauses in its durations",
      (names) =>
        ["web", "pricing", "stock"].every((service) =>
          names.some((name) => name.includes(`, ${service}, ended`)),
        ) &&
        !names.some((name) => name.includes(", running")) &&
        (names[0] ?? "").includes(", paused "),
    );
    const [root = ""] = await spanNames(panel);
    const [runningMs = Number.NaN, pausedMs = Number.NaN] = spokenMilliseconds(root);
    // Three figures are shown of each.
    assert.ok(pausedMs >= stoodMs * 0.99, `${root}: stood for ${stoodMs} ms at least`);
    assert.ok(runningMs + pausedMs <= tookMs * 1.01, `${root}: took ${tookMs} ms in all`);
    const bands = panel.frame.getByRole("group", { name: "Pauses" }).getByRole("button");
    for (const [who, file, line] of [
      ["web", "main.js", lines.web],
      ["pricing", "app.py", lines.pricing],
      ["stock", "main.go", lines.stock],
    ] as const)
      await bands
        .and(panel.frame.getByRole("button", { name: new RegExp(`^${who}.*${file}:${line}$`) }))
        .first()
        .waitFor();
    // Microseconds at the edge of seconds: chosen as a screen reader does, which needs no aim.
    await panel
      .spans(/^discount/)
      .first()
      .dispatchEvent("click");
    const details = (): Promise<string> => panel.details.innerText();
    await until(
      "the tracepoint's value to be an event of the span in Python",
      async () => /cents \+ left[\s\S]*4912/.test(await details()),
      details,
    );
    await code.screenshot("test-results/tracepoint-python.png");

    await code.runCommand("Remove All Breakpoints");
    const traces = await panel.traces("GET").count();
    await fetch(url).then((response) => response.text());
    await until("the request without stops", async () => (await panel.traces("GET").count()) > traces);
    await panel.openTrace("GET");
    await waitForSpans(
      panel,
      "the request without stops to have ended",
      (names) => names.length >= 5 && !names.some((name) => /, running|, paused/.test(name)),
    );
    const [undisturbedMs = Number.NaN] = spokenMilliseconds((await spanNames(panel))[0] ?? "");
    // The first one of a program takes longer, if anything.
    assert.ok(runningMs >= undisturbedMs / 2, `${root}: took ${undisturbedMs} ms without stops`);
    await code.stopDebugging();
  },
);

/** The durations in a span's accessible name, in the order in which they stand there. */
function spokenMilliseconds(name: string): readonly number[] {
  const units: Readonly<Record<string, number>> = {
    microseconds: 1e-3,
    milliseconds: 1,
    seconds: 1e3,
  };
  return [...name.matchAll(/(?:([\d.]+) minutes )?([\d.]+) (microseconds|milliseconds|seconds)/g)].map(
    ([, minutes = "0", amount = "", unit = ""]) =>
      Number(minutes) * 6e4 + Number(amount) * (units[unit] ?? 1),
  );
}
