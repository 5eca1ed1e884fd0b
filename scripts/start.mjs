// @ts-check
// `npm start`: VS Code on the sample workspace with this extension installed, from a fresh clone. Node's own modules only.
//
//   --no-open    do not open the browser
//   --port N     of the embedded VS Code (a free one otherwise)
//   --embedded   the embedded VS Code even where a desktop one is
//   --folder P   another folder than the sample workspace
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { installDependencies } from "./npm.mjs";
import { descendants, endProcessTree } from "./process-tree.mjs";
import { seconds, task } from "./progress.mjs";
import { findDesktopVsCode, openDesktopVsCode } from "./vscode/desktop.mjs";
import { cacheFolder, installEmbeddedVsCode } from "./vscode/install.mjs";
import { openBrowser } from "./vscode/open-browser.mjs";
import { installVsix, startServer, userDataOf, workbenchUrl, writeUserSettings } from "./vscode/server.mjs";
import { makeVsix, projectFolder, vsixFile } from "./vsix.mjs";

/** The sample is the person's own clone: asking whether to trust it would only be in the way of F5. */
const settings = { "security.workspace.trust.enabled": false };

/**
 * @typedef {object} Session
 * @property {Promise<number>} ended
 * @property {() => Promise<void>} stop
 */

/** @type {Session | undefined} */
let session;
let ending = false;

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    console.log("\nEnding VS Code and what it started …");
    void end().then(() => process.exit(0));
  });
}

try {
  const { values } = parseArgs({
    options: {
      "no-open": { type: "boolean" },
      port: { type: "string" },
      embedded: { type: "boolean" },
      folder: { type: "string" },
    },
  });
  session = await start(values);
  const code = await session.ended;
  if (!ending) {
    ending = true;
    await end();
    process.exit(code);
  }
} catch (error) {
  if (!ending) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

/** Ends the window or the server, and what an interrupted preparation was running. */
async function end() {
  await session?.stop();
  await endProcessTree(...descendants(process.pid).map(({ pid }) => pid));
}

/**
 * @param {{ "no-open"?: boolean, port?: string, embedded?: boolean, folder?: string }} options
 * @returns {Promise<Session>}
 */
async function start({ "no-open": noOpen = false, port, embedded = false, folder: wanted }) {
  const started = performance.now();
  const folder = resolve(projectFolder, wanted ?? "examples/shop");
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}`);
  await installDependencies(projectFolder, "the project's dependencies");
  await makeVsix();
  if (existsSync(join(folder, "package.json")))
    await installDependencies(folder, "the sample's dependencies");

  const desktop = embedded ? undefined : findDesktopVsCode();
  const opened =
    desktop === undefined ? await startEmbedded(folder, port, noOpen) : await startDesktop(desktop, folder);
  console.log(`\nReady after ${seconds(started)}. ${opened.where}

  Press F5 there: the sample's services start under the debugger, and every request they handle appears in the panel "Spanlight".
  (Where F5 only opens the Run view, VS Code is still reading its extensions: press once more.)
  Ctrl-C here ends all of it.
`);
  return opened;
}

/**
 * @param {string} code
 * @param {string} folder
 * @returns {Promise<Session & { where: string }>}
 */
async function startDesktop(code, folder) {
  const profile = join(cacheFolder, "start-desktop");
  writeUserSettings(join(profile, "data"), settings);
  const window = await task(`Opening the desktop VS Code (${code}) in a profile of its own`, () =>
    openDesktopVsCode(code, { profile, vsix: vsixFile, folder }),
  );
  return { ...window, where: "VS Code is opening in its own window." };
}

/**
 * @param {string} folder
 * @param {string | undefined} port
 * @param {boolean} noOpen
 * @returns {Promise<Session & { where: string }>}
 */
async function startEmbedded(folder, port, noOpen) {
  const vscode = await installEmbeddedVsCode();
  const profile = join(cacheFolder, "start-embedded");
  mkdirSync(profile, { recursive: true });
  writeUserSettings(userDataOf(profile), settings);
  await installOnce(vscode, profile);
  const server = await task(`Starting the embedded VS Code ${vscode.version}`, () =>
    startServer(vscode, { profile, ...(port === undefined ? {} : { port: Number(port) }) }),
  );
  const url = workbenchUrl(server.origin, { open: folder });
  if (!noOpen && process.env["CI"] === undefined) openBrowser(url);
  return { ...server, where: `VS Code is at\n\n  ${url}` };
}

/**
 * Installs the .vsix unless this very file is what the profile has.
 * @param {import("./vscode/install.mjs").EmbeddedVsCode} vscode
 * @param {string} profile
 */
async function installOnce(vscode, profile) {
  const stampFile = join(profile, "installed.sha256");
  const stamp = createHash("sha256").update(readFileSync(vsixFile)).digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  await task("Installing the extension into it", () => installVsix(vscode, { profile }, vsixFile));
  writeFileSync(stampFile, stamp);
}
