import { until, type VsCode } from "./vs-code.ts";

/** Adds a breakpoint by the palette: when it stops, as the list there says it, and for which spans, as a person types it. */
export async function addSpanBreakpoint(code: VsCode, when: string, spans: string): Promise<void> {
  await code.runCommand("Spanlight: Add Span Breakpoint...", "asks");
  await code.page.locator(".quick-input-list .monaco-list-row", { hasText: when }).first().click();
  await answer(code, "which spans?", spans);
}

/** The same for spans that run longer than so many milliseconds. */
export async function addSlowBreakpoint(code: VsCode, spans: string, overMs: number): Promise<void> {
  await addSpanBreakpoint(code, "Runs too long", spans);
  await answer(code, "how long may it run?", String(overMs));
}

/** Records an expression on the span whenever a line of a file runs, by the palette. */
export async function recordOnSpan(
  code: VsCode,
  file: string,
  line: number,
  expression: string,
): Promise<void> {
  await code.openFile(file, line);
  await code.runCommand("Spanlight: Record on Span Here...", "asks");
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
