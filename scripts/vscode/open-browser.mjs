// @ts-check
import { spawn } from "node:child_process";

/**
 * Opens the person's browser, where there is one. The address is to be printed all the same: this may do nothing.
 * @param {string} url
 */
export function openBrowser(url) {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["explorer.exe", url]
        : ["xdg-open", url];
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  // Without a desktop there is no such command.
  child.on("error", () => undefined);
  child.unref();
}
