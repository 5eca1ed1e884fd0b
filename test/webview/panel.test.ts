import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { openPanel, type PanelPage } from "./harness/panel-page.ts";

let browser: Browser;
let opened: PanelPage | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

afterEach(async () => {
  const complaints = opened?.complaints ?? [];
  await opened?.context.close();
  opened = undefined;
  // Errors, warnings and everything that the content security policy refused.
  expect(complaints).toEqual([]);
});

async function panel(options: Parameters<typeof openPanel>[1] = {}): Promise<Page> {
  opened = await openPanel(browser, options);
  return opened.page;
}

/** The panel with the shop's traces, the newest checkout opened. */
async function shopPanel(options: Parameters<typeof openPanel>[1] = {}): Promise<Page> {
  const page = await panel(options);
  await page.evaluate(() => window.fakeHost.shop(Date.now()));
  await traces(page).first().click();
  await spans(page).first().waitFor({ state: "attached" });
  return page;
}

const traces = (page: Page): Locator => page.getByRole("listbox", { name: "Traces" }).getByRole("option");
const spans = (page: Page): Locator => page.getByRole("tree", { name: "Spans" }).getByRole("treeitem");
const span = (page: Page, name: RegExp): Locator =>
  page.getByRole("tree", { name: "Spans" }).getByRole("treeitem", { name });
const details = (page: Page): Locator => page.getByRole("region", { name: "Span details" });
const namesOf = (locator: Locator): Promise<readonly string[]> =>
  locator.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));

/** Asks the page until the answer is as it should be. A loaded machine may take its time. */
function asking<T>(ask: () => Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(ask, { timeout: 10_000 });
}

async function eventually<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  await asking(ask).toEqual(expected);
}

describe("the list of traces", () => {
  it("names each trace with duration, services, spans and what sets it apart", async () => {
    const page = await shopPanel();
    const [first, second] = await namesOf(traces(page));
    expect(first).toMatch(
      /^POST \/checkout, 318 milliseconds, api → cart, payment, 23 spans, pinned, \d+ s ago$/,
    );
    expect(second).toMatch(
      /^POST \/checkout, 318 milliseconds, api → cart, payment, 23 spans, 4 errors, \d+ s ago$/,
    );
  });

  it("moves nothing under the pointer: new traces collect until asked for", async () => {
    const page = await shopPanel();
    await traces(page).nth(1).hover();
    const before = await namesOf(traces(page));
    await page.evaluate(() => {
      const { samples } = window.fakeHost;
      window.fakeHost.put(samples.simpleTrace(101, Date.now(), "GET /new", 3));
      window.fakeHost.put(samples.simpleTrace(102, Date.now() + 10, "GET /newer", 3));
    });
    const waiting = page.getByRole("button", { name: "2 new" });
    await waiting.waitFor();
    const withoutAges = (names: readonly string[]): readonly string[] =>
      names.map((name) => name.replace(/, [^,]*$/, ""));
    expect(withoutAges(await namesOf(traces(page)))).toEqual(withoutAges(before));
    // On the way to the button the pointer leaves the rows: what it is to be pressed for must not come before.
    await waiting.hover();
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    expect(await waiting.isVisible()).toBe(true);
    await waiting.click();
    await eventually(async () => (await namesOf(traces(page)))[0]?.split(",")[0], "GET /newer");
  });

  it("shows new traces at once while nobody points at it", async () => {
    const page = await shopPanel();
    await page.mouse.move(700, 300);
    await page.evaluate(() =>
      window.fakeHost.put(window.fakeHost.samples.simpleTrace(101, Date.now(), "GET /new", 3)),
    );
    await eventually(async () => (await namesOf(traces(page)))[0]?.split(",")[0], "GET /new");
  });

  it("completes the search with the keyboard, and marks hits in the trace", async () => {
    const page = await shopPanel();
    const search = page.getByRole("searchbox", { name: "Search traces" });
    await page.keyboard.press("/");
    await search.pressSequentially("service=c");
    await page.getByRole("option", { name: "service=cart" }).waitFor();
    await search.press("ArrowDown");
    await search.press("Enter");
    await eventually(() => search.inputValue(), "service=cart ");
    await search.fill("select");
    await page.getByText("12 hits").waitFor();
  });

  it("says which clause removed everything, and removes it", async () => {
    const page = await shopPanel();
    const search = page.getByRole("searchbox", { name: "Search traces" });
    await page.evaluate(() => window.fakeHost.emptyBy("status=nothing"));
    await search.fill("checkout status=nothing");
    await page.getByText("None of 23 traces is left after status=nothing").waitFor();
    await page.getByRole("button", { name: "Remove status=nothing" }).click();
    await eventually(() => search.inputValue(), "checkout");
    await traces(page).first().waitFor();
  });

  it("says what is wrong with the search text", async () => {
    const page = await shopPanel();
    const search = page.getByRole("searchbox", { name: "Search traces" });
    await search.fill("duration>");
    await page.getByText("needs a duration, such as 100ms").waitFor();
    expect(await search.getAttribute("aria-invalid")).toBe("true");
  });

  it("lets a drag over the histogram choose durations, and lets go of them again", async () => {
    const page = await shopPanel();
    const histogram = page.getByRole("img", { name: /^Durations of 23 traces/ });
    const box = await histogram.boundingBox();
    if (box === null) throw new Error("the histogram is not shown");
    await page.mouse.move(box.x + box.width * 0.75, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.99, box.y + 20);
    await page.mouse.up();
    await page.getByText("3 of 23 traces").waitFor();
    await page.getByRole("button", { name: "Show all durations" }).click();
    await page.getByText("23 traces · 90 spans").waitFor();
  });

  it("makes rows only for what is near the view", async () => {
    const page = await panel();
    await page.evaluate(() => {
      for (let i = 0; i < 390; i += 1) {
        window.fakeHost.put(
          window.fakeHost.samples.simpleTrace(1000 + i, Date.now() - i * 1000, `GET /${i}`, 3),
        );
      }
    });
    await page.getByText("390 traces · 780 spans").waitFor();
    expect(await traces(page).count()).toBeLessThan(40);
  });
});

describe("the timeline", () => {
  it("has the spans of all services in its accessible tree, in the contract's words", async () => {
    const page = await shopPanel();
    const names = await namesOf(spans(page));
    expect(names).toContain(
      "GET /cart/:id, 26 milliseconds, cart, ended, 8 % of POST /checkout, at server.mjs line 12",
    );
    for (const service of ["api", "cart", "payment"])
      expect(names.some((name) => name.includes(`, ${service}, `))).toBe(true);
    expect(await span(page, /^POST \/checkout/).getAttribute("aria-level")).toBe("1");
  });

  it("shows a clicked span's line in the editor and keeps the focus", async () => {
    const page = await shopPanel();
    await span(page, /^SELECT product/)
      .first()
      .click();
    await eventually(
      () => page.evaluate(() => window.fakeHost.log.opened),
      [{ path: "/shop/api/src/checkout.ts", line: 39, focus: false }],
    );
    await details(page).getByRole("link", { name: "Open checkout.ts line 39" }).waitFor();
    await details(page).getByText("call site seen by the agent").waitFor();
    expect(await details(page).getByText("const price = await db.query").count()).toBe(1);
  });

  it("goes to the line with Ctrl and click, and shows it with Enter", async () => {
    const page = await shopPanel();
    await span(page, /^SELECT product/)
      .first()
      .click({ modifiers: ["Control"] });
    await eventually(() => page.evaluate(() => window.fakeHost.log.opened.map(({ focus }) => focus)), [true]);
    await page.keyboard.press("Enter");
    await eventually(
      () => page.evaluate(() => window.fakeHost.log.opened.map(({ focus }) => focus)),
      [true, false],
    );
  });

  it("walks the tree of spans with the arrow keys, without opening files", async () => {
    const page = await shopPanel();
    await page.getByRole("tree", { name: "Spans" }).focus();
    const selected = async (): Promise<string | undefined> =>
      (await namesOf(page.locator('[role="treeitem"][aria-selected="true"]')))[0]?.split(",")[0];
    for (const [key, expected] of [
      ["ArrowDown", "POST /checkout"],
      ["ArrowDown", "middleware"],
      ["ArrowRight", "GET cart-service/cart/42"],
      ["ArrowDown", "GET /cart/:id"],
      ["ArrowUp", "GET cart-service/cart/42"],
      ["ArrowLeft", "middleware"],
    ] as const) {
      await page.keyboard.press(key);
      await eventually(selected, expected);
    }
    expect(await page.evaluate(() => window.fakeHost.log.opened)).toEqual([]);
  });

  it("goes to the next trace and back with j and k, and through hits with n", async () => {
    const page = await shopPanel();
    const selected = async (): Promise<string | undefined> =>
      (await namesOf(page.locator('[role="option"][aria-selected="true"]')))[0];
    await page.keyboard.press("j");
    await asking(selected).toContain("4 errors");
    await page.keyboard.press("k");
    await asking(selected).toContain("pinned");
    await page.getByRole("searchbox").fill("payment");
    await page.getByText("1 hit", { exact: true }).waitFor();
    await page.getByRole("tree", { name: "Spans" }).focus();
    await page.keyboard.press("n");
    await page.getByText("1 of 1", { exact: true }).waitFor();
    await details(page).getByRole("heading", { name: "POST payment" }).waitFor();
  });

  it("reads out the length of a range measured with shift and drag", async () => {
    const page = await shopPanel();
    const box = await page.locator(".timeline canvas").boundingBox();
    if (box === null) throw new Error("the timeline is not shown");
    await page.keyboard.down("Shift");
    await page.mouse.move(box.x + box.width * 0.25, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 200);
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await eventually(async () => (await page.getByRole("status").textContent())?.trim(), "159 ms selected");
  });

  it("zooms at the pointer with the wheel, keeps the zoom while the trace grows, and shows all again", async () => {
    const page = await panel();
    await page.evaluate(() =>
      window.fakeHost.setState({ runs: [{ number: 1 as never, name: "shop", startMs: 0, endMs: 1 }] }),
    );
    const startMs = Date.now() - 2000;
    const put = (at: number, failed: boolean): Promise<void> =>
      page.evaluate(
        (of) => window.fakeHost.put(window.fakeHost.samples.checkoutTrace(6, of.at, { failed: of.failed })),
        {
          at,
          failed,
        },
      );
    await put(startMs, false);
    await traces(page).first().click();
    const place = span(page, /^GET \/cart\/:id/);
    await place.waitFor({ state: "attached" });
    const before = await place.boundingBox();
    if (before === null) throw new Error("the span has no place");
    const pointer = { x: before.x + before.width / 2, y: before.y + 10 };
    await page.mouse.move(pointer.x, pointer.y);
    for (let i = 0; i < 5; i += 1) await page.mouse.wheel(0, -200);
    const width = async (): Promise<number> => (await place.boundingBox())?.width ?? 0;
    await asking(width).toBeGreaterThan(before.width * 3);
    const zoomed = await place.boundingBox();
    expect(zoomed?.x).toBeLessThan(pointer.x);
    expect((zoomed?.x ?? 0) + (zoomed?.width ?? 0)).toBeGreaterThan(pointer.x);

    await put(startMs, true);
    await asking(() => span(page, /^POST \/checkout.*error/).count()).toBe(1);
    expect(await width()).toBeCloseTo(zoomed?.width ?? 0, 0);

    await page.getByRole("button", { name: "Show the whole trace" }).click();
    await asking(width).toBeCloseTo(before.width, 0);
  });

  it("lets running spans grow with the clock, and stops when they have ended", async () => {
    const page = await panel();
    await page.evaluate(() => {
      window.fakeHost.setState({
        runs: [{ number: 1 as never, name: "shop", startMs: 0, endMs: undefined }],
      });
      window.fakeHost.put(window.fakeHost.samples.checkoutTrace(4, Date.now() - 250, { running: true }));
    });
    const facts = page.locator(".trace-facts");
    const shownMs = async (): Promise<number> => {
      const [, number, unit] = /([\d.]+) (ms|s) ·/.exec((await facts.textContent()) ?? "") ?? [];
      return Number(number) * (unit === "s" ? 1000 : 1);
    };
    await asking(shownMs).toBeGreaterThan(1200);
    await page.evaluate(() =>
      window.fakeHost.put(window.fakeHost.samples.checkoutTrace(4, Date.now() - 5000)),
    );
    await eventually(shownMs, 318);
  });

  it("tells the host when a trace was painted", async () => {
    const page = await shopPanel();
    await eventually(() => page.evaluate(() => window.fakeHost.log.painted.at(-1)?.spanCount), 23);
  });
});

describe("the tree", () => {
  it("shows a row a span, collapses and opens with the keyboard", async () => {
    const page = await shopPanel({ height: 900 });
    await page.getByRole("toolbar", { name: "Trace view" }).getByRole("button", { name: "Tree" }).click();
    await eventually(() => spans(page).count(), 23);
    await span(page, /^POST \/charge/).click();
    await eventually(() => span(page, /^POST \/charge/).getAttribute("aria-selected"), "true");
    await page.keyboard.press("ArrowLeft");
    await eventually(() => spans(page).count(), 20);
    await page.keyboard.press("ArrowRight");
    await eventually(() => spans(page).count(), 23);
  });
});

describe("the details", () => {
  it("show an exception with its stack, whose frames lead to their lines", async () => {
    const page = await shopPanel();
    await traces(page).nth(1).click();
    await span(page, /^POST payment, .*error/).click();
    await details(page).getByText("PaymentError", { exact: true }).waitFor();
    await details(page).getByRole("link", { name: "Open index.cjs line 24" }).click();
    await asking(() => page.evaluate(() => window.fakeHost.log.opened.at(-1)?.path)).toBe(
      "/shop/payment/index.cjs",
    );
  });

  it("find others with an attribute's value, and copy it", async () => {
    const page = await shopPanel();
    await span(page, /^SELECT product/)
      .first()
      .click();
    await details(page).getByRole("button", { name: "Copy db.query.text" }).click();
    await asking(() => page.evaluate(() => window.fakeHost.log.copied)).toEqual([
      "select price from product where id = $1",
    ]);
    await details(page).getByRole("button", { name: "Find others with this db.namespace" }).click();
    await eventually(
      () => page.getByRole("searchbox", { name: "Search traces" }).inputValue(),
      "db.namespace=shop",
    );
  });

  it("show the span as JSON when asked", async () => {
    const page = await shopPanel();
    await span(page, /^SELECT product/)
      .first()
      .click();
    await details(page).getByText("Span as JSON").click();
    const text = await details(page).getByLabel("Span as JSON", { exact: true }).textContent();
    expect(JSON.parse(text ?? "")).toMatchObject({ name: "SELECT product", kind: "client" });
  });
});

describe("what was received", () => {
  it("is text wherever it is shown", async () => {
    const page = await panel();
    await page.evaluate(() => window.fakeHost.hostile());
    await span(page, /^<img src=x onerror=/).click();
    await details(page).getByRole("heading", { name: '<img src=x onerror="window.hacked=1">' }).waitFor();
    await page.getByRole("button", { name: "Tree" }).click();
    await span(page, /^<img src=x onerror=/).waitFor();
    expect(await page.locator("img:not([role]), #panel b, #panel script").count()).toBe(0);
    expect(await page.evaluate(() => "hacked" in window)).toBe(false);
  });
});

describe("the panel", () => {
  it("keeps selection, view and filter over a reload", async () => {
    const page = await shopPanel();
    await traces(page).nth(1).click();
    await page.getByRole("button", { name: "Tree" }).click();
    await span(page, /^POST payment/).click();
    await page.getByRole("searchbox").fill("checkout");
    await page.getByText("2 of 23 traces").waitFor();
    await page.reload();
    await page.getByText("2 of 23 traces").waitFor();
    expect(await page.getByRole("button", { name: "Tree" }).getAttribute("aria-pressed")).toBe("true");
    await details(page).getByRole("heading", { name: "POST payment" }).waitFor();
  });

  it("keeps the zoom over a reload", async () => {
    const page = await shopPanel();
    await span(page, /^POST payment/).dblclick();
    const width = async (): Promise<number> =>
      Math.round((await span(page, /^POST payment/).boundingBox())?.width ?? 0);
    await asking(width).toBeGreaterThan(500);
    const zoomed = await width();
    await eventually(
      () => page.evaluate(() => (sessionStorage.getItem("state") ?? "").includes("viewport")),
      true,
    );
    await page.reload();
    await eventually(width, zoomed);
  });

  it("opens the newest trace where the one of the session before is gone", async () => {
    const page = await shopPanel();
    await page.evaluate(() => sessionStorage.removeItem("shop"));
    await page.reload();
    await page.getByRole("heading", { name: "No traces yet" }).waitFor();
    await page.evaluate(() =>
      window.fakeHost.put(window.fakeHost.samples.simpleTrace(1, Date.now(), "GET /new", 3)),
    );
    await span(page, /^GET \/new/).waitFor({ state: "attached" });
  });

  it("shows one column at a time where it is narrow, with a way back", async () => {
    const page = await panel({ width: 360, height: 700 });
    await page.evaluate(() => window.fakeHost.shop(Date.now()));
    await traces(page).first().click();
    await span(page, /^POST \/checkout/).waitFor();
    expect(await page.getByRole("listbox", { name: "Traces" }).count()).toBe(0);
    await page.getByRole("button", { name: "Span", exact: true }).click();
    await details(page).waitFor();
    await page.getByRole("button", { name: "Traces", exact: true }).click();
    await traces(page).first().waitFor();
  });

  it("moves its splitters with the keyboard", async () => {
    const page = await shopPanel();
    const splitter = page.getByRole("separator", { name: "Width of the trace list" });
    await splitter.focus();
    await page.keyboard.press("ArrowRight");
    await eventually(() => splitter.getAttribute("aria-valuenow"), "316");
  });

  it("shows all keys on a question mark, and gives the focus back", async () => {
    const page = await shopPanel();
    await page.getByRole("tree", { name: "Spans" }).focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("tree");
  });

  it("forgets a trace that was cleared", async () => {
    const page = await shopPanel();
    await page.evaluate(() => window.fakeHost.clear());
    await eventually(() => traces(page).count(), 0);
    await eventually(() => spans(page).count(), 0);
  });
});

describe("without traces the panel says", () => {
  it("what to press", async () => {
    const page = await panel();
    await page.getByRole("heading", { name: "No traces yet" }).waitFor();
    await page.getByRole("button", { name: "Start debugging" }).click();
    await eventually(() => page.evaluate(() => window.fakeHost.log.commands), ["start-debugging"]);
  });

  it("where it listens, what the agents saw and which variables help", async () => {
    const page = await panel();
    await page.evaluate(() => window.fakeHost.listening());
    await page.getByRole("heading", { name: "Listening, nothing received yet" }).waitFor();
    await page.getByText("4318 taken by another program").waitFor();
    await page.getByText("has its own OpenTelemetry SDK: receiving from it").waitFor();
    await page.getByRole("button", { name: "Copy the environment variables" }).last().click();
    await asking(() => page.evaluate(() => window.fakeHost.log.copied[0])).toContain(
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
    );
  });

  it.each([
    [
      "that the workspace is not trusted",
      { trusted: false },
      "This workspace is not trusted",
      "Manage workspace trust",
    ],
    ["that it is switched off", { enabled: false }, "Spanlight is switched off here", "Open settings"],
    [
      "why nothing can be received",
      { problem: { code: "no-port", message: "No port is free.", advice: "Close a program." } },
      "Nothing can be received",
      "Copy details",
    ],
  ])("%s", async (_, state, heading, button) => {
    const page = await panel();
    await page.evaluate((change) => window.fakeHost.setState(change), state);
    await page.getByRole("heading", { name: heading }).waitFor();
    await page.getByRole("button", { name: button }).waitFor();
  });

  it("what was recovered when the engine was restarted", async () => {
    const page = await shopPanel();
    await page.evaluate(() =>
      window.fakeHost.setState({ restarted: "The engine was restarted; 12 traces were recovered." }),
    );
    await page.getByText("12 traces were recovered").first().waitFor();
    await page.getByRole("button", { name: "Close this notice" }).click();
    await eventually(() => page.locator(".notice").count(), 0);
  });
});
