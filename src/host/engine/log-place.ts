import { basename, dirname, isAbsolute, join } from "node:path";
import type { ExtensionContext } from "vscode";
import type { LogPlace } from "../../protocol/engine.ts";
import type { SessionLogSettings } from "../config/settings.ts";

const MEGABYTE = 1024 * 1024;

/**
 * Where this window keeps its session log: in the extension's storage of the workspace, and in a folder of the
 * workspace's own below the second one, which several workspaces may share. Undefined where it is switched off.
 */
export function logPlace(
  { storageUri, globalStorageUri }: Pick<ExtensionContext, "storageUri" | "globalStorageUri">,
  settings: SessionLogSettings,
): LogPlace | undefined {
  const { enabled, maxMegabytes, maxDays, secondFolder } = settings;
  if (!enabled) return undefined;
  const storage = (storageUri ?? globalStorageUri).fsPath;
  const folders = [join(storage, "log")];
  // VS Code names a workspace's storage `<id of the workspace>/<id of the extension>`.
  const workspace = storageUri === undefined ? "no-workspace" : basename(dirname(storage));
  if (isAbsolute(secondFolder)) folders.push(join(secondFolder, `spanlight-${workspace}`));
  return { folders, maxBytes: maxMegabytes * MEGABYTE, maxAgeDays: maxDays };
}
