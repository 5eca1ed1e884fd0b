// @ts-check
// Starts and ends the embedded VS Code's server. Node's own modules only.
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { environmentOutsideNpm, runToEnd } from "../npm.mjs";
import { endProcessTree, killProcessTree } from "../process-tree.mjs";

/** The server answers within half a second; a machine that is busy with tests takes its time. */
const startLimitMs = 60_000;

/** A workbench without what has nothing to do with the extension: welcome page, chat, the empty side bar at the right. */
export const plainWorkbench = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "chat.disableAIFeatures": true,
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
};

/**
 * @typedef {object} ServerOptions
 * @property {string} profile a folder for everything the server writes
 * @property {number} [port] a free one when absent
 * @property {string} [userData] as --user-data-dir; inside the profile when absent
 * @property {string} [extensions] as --extensions-dir; inside the profile when absent
 * @property {NodeJS.ProcessEnv} [env] for the server, the extension host and terminals
 * @property {readonly string[]} [args] further arguments
 *
 * @typedef {object} Server
 * @property {number} port
 * @property {string} origin "http://127.0.0.1:PORT"
 * @property {number} pid
 * @property {string} log the file with the server's output
 * @property {Promise<number>} ended settles with the exit code
 * @property {() => Promise<void>} stop ends the server and all it started; may be called more than once
 */

/**
 * Starts the server and waits until it answers.
 * @param {import("./install.mjs").EmbeddedVsCode} vscode
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 * @throws {Error} when it ends at once or does not answer; the message has its output
 */
export async function startServer(
  vscode,
  { profile, port: wanted, userData, extensions, env = {}, args = [] },
) {
  mkdirSync(profile, { recursive: true });
  const port = wanted ?? (await freePort());
  const log = join(profile, "server.log");
  const output = openSync(log, "w");
  const child = spawn(
    vscode.node,
    [
      vscode.server,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--without-connection-token",
      "--accept-server-license-terms",
      "--telemetry-level",
      "off",
      ...profileArguments({ profile, userData, extensions }),
      ...args,
    ],
    // A process group of its own: Ctrl-C reaches only this script, which can then still find the whole tree.
    { stdio: ["ignore", output, output], detached: true, env: environmentOutsideNpm(env) },
  );
  closeSync(output);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${vscode.node} could not be started`);

  /** @type {number | undefined} */
  let exitCode;
  const ended = new Promise((/** @type {(code: number) => void} */ resolve) => {
    child.on("exit", (code) => resolve((exitCode = code ?? 1)));
  });
  const killNow = () => killProcessTree(pid);
  process.on("exit", killNow);
  /** @type {Promise<void> | undefined} */
  let stopping;
  const stop = () => {
    stopping ??= endProcessTree(pid).finally(() => process.off("exit", killNow));
    return stopping;
  };

  const origin = `http://127.0.0.1:${String(port)}`;
  const deadline = Date.now() + startLimitMs;
  while (exitCode === undefined && !(await answers(origin))) {
    if (Date.now() > deadline) break;
    await delay(50);
  }
  if (exitCode !== undefined || Date.now() > deadline) {
    await stop();
    throw new Error(
      `The embedded VS Code did not start on port ${String(port)}\n${readFileSync(log, "utf8")}`,
    );
  }
  return { port, origin, pid, log, ended, stop };
}

/**
 * Installs a .vsix into a profile. To be done before its server starts.
 * @param {import("./install.mjs").EmbeddedVsCode} vscode
 * @param {{ profile: string, userData?: string, extensions?: string }} folders
 * @param {string} vsix
 */
export async function installVsix(vscode, folders, vsix) {
  const args = [vscode.server, "--install-extension", vsix, "--force", ...profileArguments(folders)];
  const { code, output } = await runToEnd(vscode.node, args, { cwd: folders.profile });
  if (code !== 0)
    throw new Error(`The extension could not be installed into the embedded VS Code\n${output}`);
}

/**
 * Writes user settings: the plain workbench's, under what the file has already, under those given.
 * @param {string} userData the folder that holds User/settings.json
 * @param {Record<string, unknown>} [settings]
 */
export function writeUserSettings(userData, settings = {}) {
  const file = join(userData, "User", "settings.json");
  mkdirSync(join(userData, "User"), { recursive: true });
  const present = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  writeFileSync(file, `${JSON.stringify({ ...plainWorkbench, ...present, ...settings }, undefined, 2)}\n`);
}

/**
 * Where a server with this profile keeps the user's data, when not told otherwise.
 * @param {string} profile
 */
export function userDataOf(profile) {
  return join(profile, "data");
}

/**
 * The address of a workbench.
 * @param {string} origin
 * @param {{ open?: string, payload?: readonly (readonly [string, string])[] }} what `open`: absolute path of a folder or a .code-workspace file
 * @returns {string}
 */
export function workbenchUrl(origin, { open, payload = [] }) {
  const query = new URLSearchParams();
  if (open === undefined) query.set("ew", "true");
  else query.set(open.endsWith(".code-workspace") ? "workspace" : "folder", open);
  if (payload.length > 0) query.set("payload", JSON.stringify(payload));
  return `${origin}/?${query.toString().replaceAll("%2F", "/")}`;
}

/**
 * A port of the loopback interface that nobody listens on.
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** @param {{ profile: string, userData?: string | undefined, extensions?: string | undefined }} folders */
function profileArguments({ profile, userData, extensions }) {
  return [
    "--server-data-dir",
    profile,
    ...(userData === undefined ? [] : ["--user-data-dir", userData]),
    ...(extensions === undefined ? [] : ["--extensions-dir", extensions]),
  ];
}

/** @param {string} origin */
async function answers(origin) {
  try {
    const reply = await fetch(`${origin}/version`);
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}
