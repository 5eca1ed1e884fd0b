import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
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
  expect(complaints).toEqual([]);
});

/** The panel with a trace that was paused, or that is. */
async function pausedPanel(lasting = false, options: Parameters<typeof openPanel>[1] = {}): Promise<Page> {
  opened = await openPanel(browser, options);
  const { page } = opened;
  await page.evaluate((held) => {
    window.fakeHost.shop(Date.now());
    window.fakeHost.put(window.fakeHost.samples.pausedTrace(77, Date.now() - 5000, held));
  }, lasting);
  await page.getByRole("listbox", { name: "Traces" }).getByRole("option").first().click();
  await span(page, /redis GET/).waitFor({ state: "attached" });
  return page;
}

const span = (page: Page, name: RegExp): Locator =>
  page.getByRole("tree", { name: "Spans" }).getByRole("treeitem", { name });
const pauses = (page: Page): Locator => page.getByRole("group", { name: "Pauses" }).getByRole("button");
const widthOf = async (locator: Locator): Promise<number> => (await locator.boundingBox())?.width ?? 0;

it("shows running time in the list and in spans' names, and says what was paused", async () => {
  const page = await pausedPanel();
  const row = page.getByRole("listbox", { name: "Traces" }).getByRole("option").first();
  expect(await row.getAttribute("aria-label")).toMatch(/^POST \/checkout, 318 milliseconds, .*paused 4.1 s/);
  const root = await span(page, /^POST \/checkout/).getAttribute("aria-label");
  expect(root).toContain("318 milliseconds, api, ended, paused 4.1 seconds");
});

it("names a pause with its length and place, and leads to its line", async () => {
  const page = await pausedPanel();
  await expect.poll(() => pauses(page).allInnerTexts()).toEqual(["paused 4.1 s at server.mjs:12"]);
  await pauses(page).first().click();
  await expect
    .poll(() => page.evaluate(() => window.fakeHost.log.opened.at(-1)))
    .toEqual({ path: "/shop/cart/server.mjs", line: 12, focus: false });
});

it("collapses the paused time by button and by key, and keeps that", async () => {
  const page = await pausedPanel();
  const server = span(page, /^GET \/cart/);
  const toggle = page.getByRole("button", { name: "Collapse paused" });
  const wide = await widthOf(server);
  expect(await toggle.getAttribute("aria-pressed")).toBe("false");
  await toggle.click();
  await expect.poll(() => widthOf(server)).toBeLessThan(wide / 5);
  expect(await toggle.getAttribute("aria-pressed")).toBe("true");
  // 26 of 318 ms.
  const room = await widthOf(page.getByRole("tree", { name: "Spans" }));
  expect((await widthOf(server)) / room).toBeCloseTo(26 / 318, 2);
  await page.reload();
  await page.evaluate(() => window.fakeHost.put(window.fakeHost.samples.pausedTrace(77, Date.now() - 5000)));
  await expect.poll(() => toggle.getAttribute("aria-pressed")).toBe("true");
  await page.getByRole("tree", { name: "Spans" }).focus();
  await page.keyboard.press("c");
  await expect.poll(() => widthOf(server)).toBeGreaterThan(wide * 0.9);
});

it("tells running and paused time apart in the details, and what failed in a pause", async () => {
  const page = await pausedPanel();
  const details = page.getByRole("region", { name: "Span details" });
  await span(page, /^GET \/cart/).dispatchEvent("click");
  await expect.poll(() => details.locator(".times").innerText()).toMatch(/running\s+26 ms\s+paused\s+4.1 s/);
  await span(page, /^GET recommendations/).dispatchEvent("click");
  await details.getByText("Failed during a pause of cart").waitFor();
});

it("stands still while everything is paused", async () => {
  const page = await pausedPanel(true);
  const root = span(page, /^POST \/checkout/);
  const name = await root.getAttribute("aria-label");
  expect(name).toContain("20 milliseconds, api, paused");
  await page.waitForFunction(
    (start) => performance.now() > start + 400,
    await page.evaluate(() => performance.now()),
  );
  expect(await root.getAttribute("aria-label")).toBe(name);
  expect(await pauses(page).allInnerTexts()).toEqual(["paused at server.mjs:12", "paused at checkout.ts:39"]);
});

it("tells in the details of the span that the paused thread is in where the debugger stands", async () => {
  const page = await pausedPanel(true);
  const details = page.getByRole("region", { name: "Span details" });
  const id = await span(page, /^POST \/checkout/).getAttribute("id");
  const row = Number(/(\d+)$/.exec(id ?? "")?.[1]);
  await page.evaluate((at) => {
    const traceId = window.fakeHost.samples.pausedTrace(77, 0, true).traceId;
    window.fakeHost.setState({ activeSpan: { traceId, row: at as never, guess: false } });
  }, row);
  await span(page, /^POST \/checkout/).dispatchEvent("click");
  await details.getByText("the debugger stands here").waitFor();
  await details.getByRole("link", { name: "Open checkout.ts line 39" }).first().click();
  await expect
    .poll(() => page.evaluate(() => window.fakeHost.log.opened.at(-1)))
    .toMatchObject({ path: "/shop/api/src/checkout.ts", line: 39 });
  await span(page, /^GET \/cart/).dispatchEvent("click");
  await details.getByText("the debugger stands here").waitFor({ state: "hidden" });
});

it("keeps its buttons off the bars in a low panel: the last of these can be scrolled above them", async () => {
  const page = await pausedPanel(false, { height: 220 });
  await page.locator(".timeline").evaluate((timeline) => (timeline.scrollTop = timeline.scrollHeight));
  const bottomOf = async (locator: Locator): Promise<number> => {
    const box = await locator.boundingBox();
    return (box?.y ?? 0) + (box?.height ?? 0);
  };
  const all = await page.getByRole("tree", { name: "Spans" }).getByRole("treeitem").all();
  const bottoms = await Promise.all(all.map(bottomOf));
  await expect
    .poll(async () => (await pauses(page).first().boundingBox())?.y ?? 0)
    .toBeGreaterThanOrEqual(Math.max(...bottoms));
});

it("names pauses that follow each other in one row", async () => {
  const page = await pausedPanel();
  await page.evaluate(() => {
    const sample = window.fakeHost.samples.pausedTrace(77, Date.now() - 5000);
    const [pause] = sample.pauses ?? [];
    if (pause === undefined) throw new Error("the sample has no pause");
    const pauses = [0, 1000, 2000].map((at) => ({ ...pause, startMs: 20 + at, endMs: 1000 + at }));
    window.fakeHost.put({ ...sample, pauses });
  });
  await expect.poll(() => pauses(page).count()).toBe(3);
  const tops = await pauses(page).evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
});
