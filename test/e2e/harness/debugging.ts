import { until, type VsCode } from "./vs-code.ts";

/** Where many programs want to run, an answer takes longer than a person waits. */
export const PATIENT = { "spanlight.activeSpan.timeout": 10_000 };

/** Sets a breakpoint on a line of a file of the workspace. */
export async function setBreakpoint(code: VsCode, file: string, line: number): Promise<void> {
  await code.openFile(file, line);
  await code.page.keyboard.press("F9");
  await code.page
    .locator('.editor-group-container.active [class*="codicon-debug-breakpoint"]')
    .first()
    .waitFor();
}

/** Waits until the debugger stands at this line of a file with this ending. */
export function waitForStop(code: VsCode, fileEnding: string, line: number): Promise<void> {
  const place = async (): Promise<string> => {
    const frames = code.page.locator(".debug-call-stack .monaco-list-row .stack-frame");
    return (await frames.allInnerTexts()).join("\n");
  };
  return until(
    `the debugger to stand at ${fileEnding}:${line}`,
    async () => {
      await code.page.locator(".debug-top-stack-frame-line").first().waitFor();
      const at = await code.cursorPosition();
      return at.file.endsWith(fileEnding) && at.line === line;
    },
    async () => `${JSON.stringify(await code.cursorPosition())}\n${await place()}`,
    60_000,
  );
}

/** Lets what has stopped go on. VS Code takes the key as "continue" only once it has selected the session that stands. */
export async function goOn(code: VsCode): Promise<void> {
  await code.page.locator(".debug-toolbar .codicon-debug-continue").first().waitFor();
  await code.page.keyboard.press("F5");
}

/** The labels of the tree "Spans" in the debug side bar, from the top. */
export function spanStack(code: VsCode): Promise<readonly string[]> {
  const rows = code.page.getByRole("tree", { name: "Spans" }).getByRole("treeitem");
  return rows.evaluateAll((items) => items.map((item) => item.getAttribute("aria-label") ?? ""));
}

/** Waits until the tree "Spans" holds these, in this order, and nothing else. */
export function waitForSpanStack(code: VsCode, wanted: readonly RegExp[]): Promise<void> {
  return until(
    `the call stack of spans to be ${wanted.join(", ")}`,
    async () => {
      const labels = await spanStack(code);
      return labels.length === wanted.length && wanted.every((pattern, at) => pattern.test(labels[at] ?? ""));
    },
    async () => (await spanStack(code)).join("\n"),
  );
}
