import { until, type VsCode } from "./vs-code.ts";

/** Adds a breakpoint by the palette: which spans, as a person types it, and the milliseconds that they may run. */
export async function addSlowBreakpoint(code: VsCode, spans: string, overMs: number): Promise<void> {
  await code.runCommand("Spanlight: Add Span Breakpoint...", "asks");
  await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "Runs too long" }).first().click();
  await answer(code, "which spans?", spans);
  await answer(code, "how long may it run?", String(overMs));
}

/** Waits until the list "Span Breakpoints" has a line with this name. */
export function waitForListed(code: VsCode, name: RegExp): Promise<void> {
  const rows = code.page.getByRole("tree", { name: "Span Breakpoints" }).getByRole("treeitem");
  const names = (): Promise<readonly string[]> =>
    rows.evaluateAll((items) => items.map((item) => item.getAttribute("aria-label") ?? ""));
  return until(
    `the list to have ${String(name)}`,
    async () => (await names()).some((each) => name.test(each)),
    async () => (await names()).join("\n"),
  );
}

async function answer(code: VsCode, title: string, text: string): Promise<void> {
  const widget = code.page.locator(".quick-input-widget:visible", { hasText: title });
  await widget.waitFor();
  await widget.locator("input").first().fill(text);
  await code.page.keyboard.press("Enter");
  await widget.waitFor({ state: "hidden" });
}
