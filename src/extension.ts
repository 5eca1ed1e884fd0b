import type { ExtensionContext } from "vscode";
import { Spanlight } from "./host/spanlight.ts";
import { testApi, type TestApi } from "./host/test-api.ts";

/** What has to happen before the window closes; VS Code hands {@link deactivate} nothing to find it by. */
let close: (() => Promise<void>) | undefined;

/**
 * Starts the extension. VS Code calls this when a debug session begins, a command is run or the panel is opened, and
 * for nothing else (package.json, `activationEvents`).
 */
export function activate(context: ExtensionContext): TestApi | undefined {
  const startMs = performance.now();
  const spanlight = new Spanlight(context);
  context.subscriptions.push(spanlight);
  close = () => spanlight.close();
  return testApi(context, spanlight, performance.now() - startMs);
}

/** VS Code waits for this, and disposes of the rest afterwards. */
export async function deactivate(): Promise<void> {
  await close?.();
}
