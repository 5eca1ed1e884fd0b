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

const details = (page: Page): Locator => page.getByRole("region", { name: "Span details" });
const logs = (page: Page): Locator => details(page).getByRole("list", { name: "Logs of this span" });
const textsOf = (page: Page): Promise<readonly string[]> =>
  logs(page)
    .getByRole("listitem")
    .evaluateAll((all) =>
      all.map((one) =>
        ((one.querySelector("summary") ?? one) as HTMLElement).innerText.replace(/\s+/g, " ").trim(),
      ),
    );

/** The panel with the failed checkout's span of this name selected. */
async function selected(name: RegExp, options: Parameters<typeof openPanel>[1] = {}): Promise<Page> {
  opened = await openPanel(browser, options);
  const { page } = opened;
  await page.evaluate(() => window.fakeHost.shop(Date.now()));
  await page.getByRole("listbox", { name: "Traces" }).getByRole("option").nth(1).click();
  await page.getByRole("tree", { name: "Spans" }).getByRole("treeitem", { name }).first().click();
  await details(page).getByRole("heading").first().waitFor();
  return page;
}

const payment = /^POST payment, .*error/;

it("a span's log records are listed in order: time since its start, severity in a word, text", async () => {
  const page = await selected(payment);
  await expect
    .poll(() => textsOf(page), { timeout: 10_000 })
    .toEqual([
      "400 µs Debug charging 42.10 EUR for cart 7",
      "12.9 ms Info asking the bank index.cjs:22",
      '80.2 ms Warning {"retry":1}',
      "104 ms Error payment failed",
    ]);
});

it("a span without log records has no such section", async () => {
  const page = await selected(/^SELECT product/);
  await details(page).getByText("Attributes").waitFor();
  expect(await logs(page).count()).toBe(0);
});

it("a record opens to its attributes, and its place leads to the line without opening it", async () => {
  const page = await selected(payment);
  await logs(page).getByRole("link", { name: "Open index.cjs line 22" }).click();
  await expect
    .poll(() => page.evaluate(() => window.fakeHost.log.opened.at(-1)), { timeout: 10_000 })
    .toMatchObject({ path: "/shop/payment/index.cjs", line: 22 });
  const bank = logs(page).getByRole("button", { name: "Copy bank" });
  expect(await bank.count()).toBe(0);
  await logs(page).getByText("asking the bank").click();
  await bank.waitFor({ state: "attached" });
});

it("an exception that was logged shows its stack, whose frames lead to their lines, and all of its text", async () => {
  const page = await selected(payment);
  await logs(page).getByText("payment failed", { exact: true }).click();
  await logs(page)
    .getByText(/^payment failed\s+card was declined by <b>first<\/b>$/)
    .waitFor();
  await logs(page).getByRole("link", { name: "Open index.cjs line 24" }).click();
  await expect
    .poll(() => page.evaluate(() => window.fakeHost.log.opened.at(-1)?.line), { timeout: 10_000 })
    .toBe(24);
});

it("records that arrive while the span is shown appear", async () => {
  const page = await selected(/^SELECT product/);
  await page.evaluate(() => window.fakeHost.addLog("a late line"));
  await expect.poll(() => textsOf(page), { timeout: 10_000 }).toEqual(["200 ms a late line"]);
});
