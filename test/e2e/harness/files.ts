import type { Locator } from "playwright-core";
import { until, type VsCode } from "./vs-code.ts";

/** VS Code's own dialog for files, which asks for a path in the quick input. */
function pathInput(code: VsCode): Locator {
  return code.page.locator(".quick-input-widget:visible input[type=text]").first();
}

/** Answers a dialog that asks for a file, whose title holds `title`, with an absolute path. */
export async function answerFileDialog(code: VsCode, title: string, path: string): Promise<void> {
  await fileDialog(code, title);
  await until(`${title} to have taken ${path}`, async () => {
    // While the dialog still looks at a folder it writes into the input itself.
    if ((await pathInput(code).inputValue()) !== path) await pathInput(code).fill(path);
    await code.page.getByRole("option").first().waitFor();
    if ((await pathInput(code).inputValue()) !== path) return false;
    await code.page.keyboard.press("Enter");
    await fileDialogTitle(code, title).waitFor({ state: "hidden", timeout: 2_500 });
    return true;
  });
}

/** Leaves the dialog. */
export async function cancelFileDialog(code: VsCode, title: string): Promise<void> {
  await fileDialog(code, title);
  await code.page.keyboard.press("Escape");
  await fileDialogTitle(code, title).waitFor({ state: "hidden" });
}

/** The toast that says this; it is closed, so that the next one is not taken for it. */
export async function hearToast(code: VsCode, text: RegExp): Promise<string> {
  const toast = code.page.locator(".notification-toast", { hasText: text }).first();
  await toast.waitFor();
  const said = (await toast.locator(".notification-list-item-message").textContent()) ?? "";
  await code.runCommand("Notifications: Clear All Notifications");
  await toast.waitFor({ state: "hidden" });
  return said;
}

async function fileDialog(code: VsCode, title: string): Promise<void> {
  await fileDialogTitle(code, title).waitFor();
  await until(`${title} to be ready`, async () => (await pathInput(code).inputValue()) !== "");
}

function fileDialogTitle(code: VsCode, title: string): Locator {
  return code.page.locator(".quick-input-widget:visible .quick-input-title", { hasText: title });
}
