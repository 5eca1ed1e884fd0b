import assert from "node:assert/strict";
import { panelOf } from "../harness/panel.ts";
import { installSample, waitForAnswer } from "../harness/programs.ts";
import { scene } from "../harness/scene.ts";
import { until } from "../harness/vs-code.ts";

const shop = "http://127.0.0.1:4600";

scene(
  "code tells how its requests went: a lens over the handler, notes at its calls, and the way to its traces",
  {
    workspace: "examples/shop",
    timeoutS: 240,
    viewport: { width: 1440, height: 960 },
    settings: { "workbench.activityBar.location": "hidden", "editor.minimap.enabled": false },
  },
  async (code) => {
    await installSample("examples/shop");
    await code.pressF5();
    await waitForAnswer(`${shop}/`);
    for (let n = 0; n < 12; n++)
      await fetch(`${shop}/checkout`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: n === 5 ? '{"cart":3}' : "{}",
      });
    await code.runCommand("View: Close Primary Side Bar");
    await code.openFile("api/src/checkout.ts");

    const lens = code.page.locator(".codelens-decoration a", { hasText: /^12× · p50 .* · p95 / });
    await lens.waitFor({ timeout: 60_000 });
    const notes = (): Promise<readonly string[]> =>
      code.page
        .locator('.view-line [class*="ced-"]')
        .evaluateAll((spans) =>
          spans.map((span) => getComputedStyle(span, "::after").content).filter((text) => text.includes("×")),
        );
    await until("notes at the ends of the lines that call", async () => (await notes()).length > 0);
    assert.match((await notes()).join("\n"), /\d+× · \d.* (?:µs|ms) each/);
    await code.screenshot("test-results/images/editor.png");

    await lens.click();
    const panel = await panelOf(code);
    await panel.frame.getByText("12 of 13 traces").waitFor();
    await panel.frame.getByText('app.post("/checkout") callback').waitFor();

    await code.page.locator(".view-line", { hasText: "await fetch" }).getByText("fetch").hover();
    const hover = code.page.locator(".monaco-hover:visible", { hasText: "Show Traces of This Function" });
    await hover.waitFor();
    assert.match((await hover.textContent()) ?? "", /\d+× · p50 .* · p95 .* · 1 error/);
    await code.screenshot("test-results/images/editor-hover.png");
    await hover.getByRole("link", { name: "Last trace" }).first().click();
    await panel.frame
      .getByRole("treeitem", { name: /^POST \/checkout/ })
      .first()
      .waitFor();
  },
);
