import type { Memento } from "vscode";

const KEY = "panel.openedByDebugging";

/**
 * Opens the panel at the first debug session of a workspace, and never again by itself: from then on it stands where
 * the person wants it, closed included.
 */
export async function openOnceForDebugging(memory: Memento, show: () => Promise<void>): Promise<void> {
  if (memory.get<boolean>(KEY, false)) return;
  await memory.update(KEY, true);
  await show();
}
