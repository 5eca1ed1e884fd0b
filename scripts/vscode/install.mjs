// @ts-check
// The embedded VS Code: the npm package code-server carries a whole one (workbench, extension host, JavaScript debugger), which
// is used where no desktop VS Code is. Its server needs Node 24, which comes from npm too. Node's own modules only.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environmentOutsideNpm, npm } from "../npm.mjs";
import { task } from "../progress.mjs";

const codeServerVersion = "4.139.1";
const nodeMajor = 24;

/** Everything downloaded or run by the scripts lives here; git and the package ignore it. */
export const cacheFolder = fileURLToPath(new URL("../../.vscode-test/", import.meta.url));

/** Modules with a native part that the server loads; the other ones of the package are for desktops. */
const nativeModules = ["node-pty", "@vscode/spdlog", "@vscode/native-watchdog", "@parcel/watcher"];

/**
 * @typedef {object} EmbeddedVsCode
 * @property {string} node the Node that runs the server
 * @property {string} server server-main.js
 * @property {string} version of VS Code
 */

/**
 * Installs the embedded VS Code unless it is in the cache (about a minute and 0.8 GB; a C++ compiler is needed).
 * @returns {Promise<EmbeddedVsCode>}
 */
export async function installEmbeddedVsCode() {
  const folder = join(cacheFolder, `code-server-${codeServerVersion}`);
  if (!existsSync(join(folder, ".done"))) {
    // Made beside its place and moved there when whole, so that an interrupted installation starts over.
    const partial = `${folder}.partial`;
    await task(`Installing the embedded VS Code ${codeServerVersion} (once, about 0.8 GB)`, (report) =>
      installInto(partial, report),
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  }
  const vscode = vscodeFolder(folder);
  const { version } = JSON.parse(readFileSync(join(vscode, "package.json"), "utf8"));
  return {
    node: join(nodeFolder(folder), "bin", nodeBinary()),
    server: join(vscode, "out", "server-main.js"),
    version,
  };
}

/** @param {string} folder @param {(detail: string) => void} report */
async function installInto(folder, report) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // A package.json of its own keeps npm from walking up to the project's.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "embedded-vscode", private: true }));
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];

  report("downloading");
  // Both in one command: a second one would prune the headers that the native modules are compiled with.
  await npm(["install", `code-server@${codeServerVersion}`, `${nodePackage()}@${nodeMajor}`, ...quiet], {
    cwd: folder,
  });

  report("its packages");
  const vscode = vscodeFolder(folder);
  await npm(["install", "--omit=dev", ...quiet], { cwd: vscode });
  await npm(["install", "--omit=dev", ...quiet], { cwd: join(vscode, "extensions") });

  report("compiling its native modules");
  const node = nodeFolder(folder);
  await npm(["rebuild", ...nativeModules], {
    cwd: vscode,
    env: environmentOutsideNpm({
      PATH: `${join(node, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
      npm_config_nodedir: node,
    }),
  });
  writeFileSync(join(folder, ".done"), "");
}

/** @param {string} folder */
function vscodeFolder(folder) {
  return join(folder, "node_modules", "code-server", "lib", "vscode");
}

/** @param {string} folder */
function nodeFolder(folder) {
  return join(folder, "node_modules", nodePackage());
}

function nodePackage() {
  return `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
}

function nodeBinary() {
  return process.platform === "win32" ? "node.exe" : "node";
}
