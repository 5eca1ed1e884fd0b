import type { Locator, Page } from "playwright-core";
import { launchBrowser } from "../test/webview/browser.ts";
import { openPanel } from "../test/webview/harness/panel-page.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const LARGE = /^import catalogue/;

/**
 * The panel in a real browser with a trace of 100,000 spans: opening it, and panning and zooming in it. The engine's
 * part and the way through the extension host are not in these figures, the webview's whole part is.
 * The idle page's own frames stand beside them, so that a loaded machine can be told from slow drawing.
 */
export const webviewSuite: Suite = {
  title: "panel",
  async run({ quick }) {
    const browser = await launchBrowser();
    try {
      const { page } = await openPanel(browser, { width: 1400, height: 700 });
      await page.evaluate(() => window.fakeHost.shop(Date.now()));
      await page.waitForFunction(() => window.fakeHost.log.painted.length > 0);
      await page.evaluate(() => window.fakeHost.large(100_000));
      const opening = await measureOpening(page, quick ? 3 : 9);
      await openTrace(page, page.getByRole("option", { name: LARGE }));
      const idle = await frames(page, () => page.waitForTimeout(quick ? 500 : 2000));
      const zoom = await frames(page, () => wheel(page, quick ? 20 : 60));
      const pan = await frames(page, () => drag(page, quick ? 40 : 160));
      return [...opening, ...frameRows(idle, zoom, pan)];
    } finally {
      await browser.close();
    }
  },
};

async function measureOpening(page: Page, rounds: number): Promise<readonly Row[]> {
  const large = page.getByRole("option", { name: LARGE });
  const small = page.getByRole("option", { name: /^POST/ }).first();
  const times: number[] = [];
  const longest: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await longestTask(page);
    times.push(await openTrace(page, large));
    longest.push(await longestTask(page));
    await openTrace(page, small);
  }
  const what = { unit: "ms", better: "lower" } as const;
  return [
    { name: "open 100,000 spans, click to painted, first time", value: times[0] ?? 0, ...what },
    budgeted({
      name: "open 100,000 spans, click to painted, median",
      value: quantile(times, 0.5),
      ...what,
      budget: 200,
    }),
    budgeted({
      name: "longest main-thread task while opening, median",
      value: quantile(longest, 0.5),
      ...what,
      budget: 50,
    }),
  ];
}

/** Clicks a trace and waits until it is painted; gives the milliseconds from the click. */
async function openTrace(page: Page, option: Locator): Promise<number> {
  const before = await page.evaluate(() => window.fakeHost.log.painted.length);
  await option.click();
  await page.waitForFunction((count) => window.fakeHost.log.painted.length > count, before);
  return page.evaluate(() => {
    const { log, frames } = window.fakeHost;
    return (log.painted.at(-1)?.atMs ?? 0) - frames.clickedAtMs;
  });
}

async function longestTask(page: Page): Promise<number> {
  // Long tasks are told a moment after they ended.
  await page.waitForTimeout(100);
  return page.evaluate(() => window.fakeHost.frames.takeLongestTaskMs());
}

/** The times between animation frames, in milliseconds, while something happens. */
async function frames(page: Page, during: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(() => window.fakeHost.frames.start());
  await during();
  return page.evaluate(() => window.fakeHost.frames.stop());
}

async function wheel(page: Page, turns: number): Promise<void> {
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  for (let turn = 0; turn < turns; turn += 1) {
    await page.mouse.wheel(0, turn < turns / 2 ? -80 : 80);
    await page.waitForTimeout(16);
  }
}

async function drag(page: Page, moves: number): Promise<void> {
  const { x, y } = await middle(page);
  await page.mouse.move(x, y);
  for (let turn = 0; turn < 12; turn += 1) await page.mouse.wheel(0, -80);
  await page.mouse.down();
  for (let move = 0; move < moves; move += 1) {
    await page.mouse.move(x + Math.sin(move / 10) * 300, y + (move % 80));
    await page.waitForTimeout(8);
  }
  await page.mouse.up();
}

async function middle(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.locator(".timeline canvas").boundingBox();
  if (box === null) throw new Error("the timeline is not shown");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function frameRows(idle: readonly number[], zoom: readonly number[], pan: readonly number[]): readonly Row[] {
  const what = { unit: "ms", better: "lower" } as const;
  // A display of 60 Hz gives frames of 16.67 ms, which a page's clock reads as up to 16.8.
  const budget = 16.8;
  return [
    { name: "frames of the idle page, 95 % within (the floor)", value: quantile(idle, 0.95), ...what },
    budgeted({
      name: "frames while zooming 100,000 spans, 95 % within",
      value: quantile(zoom, 0.95),
      ...what,
      budget,
    }),
    budgeted({
      name: "frames while panning 100,000 spans, 95 % within",
      value: quantile(pan, 0.95),
      ...what,
      budget,
    }),
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
