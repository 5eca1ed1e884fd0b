import { basename, dirname, isAbsolute } from "node:path";
import type { ExtensionContext } from "vscode";
import type { BackupPlan } from "../../protocol/run-file.ts";
import type { BackupSettings } from "../config/settings.ts";

/** Enough of the workspace's id to tell two of the same name apart. */
const ID_LENGTH = 8;

/**
 * How this window saves all that it holds by itself; undefined where it does not. Several workspaces may share the
 * folder: the files of each begin with its name and id.
 */
export function backupPlan(
  { storageUri }: Pick<ExtensionContext, "storageUri">,
  workspaceName: string | undefined,
  { everyMinutes, folder, keep }: BackupSettings,
): BackupPlan | undefined {
  if (!(everyMinutes > 0) || !isAbsolute(folder)) return undefined;
  const plain = (workspaceName ?? "no-workspace").replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 60);
  // VS Code names a workspace's storage `<id of the workspace>/<id of the extension>`.
  const id = storageUri === undefined ? "" : `-${basename(dirname(storageUri.fsPath)).slice(0, ID_LENGTH)}`;
  return { folder, name: `${plain}${id}`, everyMinutes, keep };
}
