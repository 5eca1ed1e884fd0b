// @ts-check
// The desktop VS Code of the person, in a profile of its own. Node's own modules only.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { environmentOutsideNpm, needsShell, runToEnd, spawnable } from "../npm.mjs";
import { endProcessTree, processesWith } from "../process-tree.mjs";

/**
 * The `code` command on the PATH. Inside a remote window's terminal it can only talk to that window and has no profiles: not taken.
 * @returns {string | undefined}
 */
export function findDesktopVsCode() {
  if (process.env["VSCODE_IPC_HOOK_CLI"] !== undefined) return undefined;
  const name = process.platform === "win32" ? "code.cmd" : "code";
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/**
 * Opens a folder in a new window with the .vsix installed.
 * @param {string} code the command
 * @param {{ profile: string, vsix: string, folder: string }} options the profile's settings are written by the caller
 * @returns {Promise<{ ended: Promise<number>, stop: () => Promise<void> }>} `ended` when the window was closed
 */
export async function openDesktopVsCode(code, { profile, vsix, folder }) {
  const userData = join(profile, "data");
  const own = [`--user-data-dir=${userData}`, `--extensions-dir=${join(profile, "extensions")}`];
  const { code: exitCode, output } = await runToEnd(code, [...own, "--install-extension", vsix, "--force"], {
    cwd: profile,
  });
  if (exitCode !== 0) throw new Error(`${code} could not install the extension\n${output}`);

  const child = spawn(...spawnable(code, [...own, "--new-window", "--wait", folder]), {
    stdio: "ignore",
    env: environmentOutsideNpm(),
    shell: needsShell(code),
    detached: process.platform !== "win32",
  });
  const ended = new Promise((/** @type {(code: number) => void} */ resolve) => {
    child.on("error", () => resolve(127));
    child.on("exit", (status) => resolve(status ?? 1));
  });
  const stop = async () => {
    // The window's process leaves the command's tree; it is known by the folder of its profile, which nobody else uses.
    const windowProcesses = processesWith(userData).map(({ pid }) => pid);
    await endProcessTree(...(child.pid === undefined ? [] : [child.pid]), ...windowProcesses);
  };
  return { ended, stop };
}
