import { PATIENT, setBreakpoint, waitForSpanStack, waitForStop } from "../harness/debugging.ts";
import { panelOf, waitForSpans } from "../harness/panel.ts";
import { installSample, lineOf, waitForAnswer } from "../harness/programs.ts";
import { scene, type SceneOptions } from "../harness/scene.ts";
import { until, type Theme } from "../harness/vs-code.ts";

const themes: readonly Theme[] = ["dark", "light", "hc-dark", "hc-light"];
const shop = "http://127.0.0.1:4600";

/** The pictures go to test-results; SPANLIGHT_UPDATE_IMAGES=1 writes those that the README shows. */
const folder = process.env["SPANLIGHT_UPDATE_IMAGES"] === "1" ? "docs/images" : "test-results/images";

const options: SceneOptions = {
  workspace: "examples/shop",
  timeoutS: 240,
  viewport: { width: 1440, height: 960 },
  settings: {
    ...PATIENT,
    "workbench.activityBar.location": "hidden",
    "editor.minimap.enabled": false,
  },
};

scene("the panel beside the code, in four themes", options, async (code) => {
  await installSample("examples/shop");
  await code.pressF5();
  await waitForAnswer(`${shop}/`);
  for (const path of ["/products", "/report", "/cart/77", "/carts"]) await fetch(shop + path);
  await fetch(`${shop}/checkout`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"cart":3}',
  });
  // The first one warms the services up: its durations are those of compiling, not of the shop.
  await fetch(`${shop}/checkout`, { method: "POST" });
  await fetch(`${shop}/checkout`, { method: "POST" });

  await code.runCommand("View: Close Primary Side Bar");
  const panel = await panelOf(code);
  await panel.openTrace("POST /checkout");
  await waitForSpans(panel, "the whole trace", (names) => names.some((name) => name.includes(", payment")));
  const line = await lineOf("examples/shop/api/src/checkout.ts", "await db.query");
  // Lenses wait for the language's extension, which takes its time with the first file.
  await code.openFile("api/src/checkout.ts");
  await code.page.locator(".codelens-decoration a", { hasText: / · p50 / }).waitFor({ timeout: 60_000 });

  for (const theme of themes) {
    await code.useTheme(theme);
    // The webview hears of the theme after the workbench; it is drawn when its own body has the class.
    await until(
      `the panel to wear ${theme}`,
      async () =>
        (await panel.frame.locator("body").getAttribute("class"))?.includes(
          theme.startsWith("hc") ? "high-contrast" : `vscode-${theme}`,
        ) === true,
    );
    // Choosing a theme took the selection away: Escape closes VS Code's lists and, in the panel, leaves the span.
    await panel
      .spans(/SELECT.*checkout\.ts line/i)
      .nth(4)
      .click();
    await code.waitForCursor("checkout.ts", line);
    await panel.details.getByRole("link", { name: `Open checkout.ts line ${line}` }).waitFor();
    await code.page.mouse.move(720, 500);
    await code.screenshot(`${folder}/${theme}.png`);
  }
});

const checkout = "examples/shop/api/src/checkout.ts";

scene(
  "paused at a breakpoint: the line that the program stands at and the span that grows are the same moment",
  options,
  async (code) => {
    await installSample("examples/shop");
    await code.pressF5();
    await waitForAnswer(`${shop}/`);
    for (const path of ["/products", "/cart/77", "/carts"]) await fetch(shop + path);
    const buy = (): Promise<Response> => fetch(`${shop}/checkout`, { method: "POST" });
    for (let n = 0; n < 12; n++) await buy();

    const line = await lineOf(checkout, "await db.query");
    await setBreakpoint(code, "api/src/checkout.ts", line);
    const panel = await panelOf(code);
    const lens = code.page.locator(".codelens-decoration a", { hasText: /^12× · p50 .* · p95 / });
    await lens.waitFor({ timeout: 60_000 });
    const bought = buy();
    // A scene that fails ends the programs before they have answered.
    bought.catch(() => undefined);
    await waitForStop(code, "checkout.ts", line);
    await waitForSpanStack(code, [/^api, request handler/, /^api, POST \/checkout/]);
    await code.runCommand("View: Close Primary Side Bar");
    await waitForSpans(panel, "the trace to follow, with its active span marked", (names) =>
      names.some((name) => name.includes("the paused thread is here")),
    );
    await panel.details.getByRole("link", { name: `Open checkout.ts line ${line}` }).waitFor();
    await panel.frame.getByRole("button", { name: `api paused at checkout.ts:${line}` }).waitFor();
    await panel.frame.getByRole("button", { name: "Collapse paused" }).click();
    await code.page.mouse.move(720, 540);
    await code.screenshot(`${folder}/moment.png`);
    await code.stopDebugging();
  },
);
