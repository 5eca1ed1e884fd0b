// @ts-check
// The Chromium that the end-to-end tests drive. Node's own modules only.
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runToEnd } from "../npm.mjs";
import { task } from "../progress.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const debianPackages = ["chromium", "fonts-dejavu-core"];

/** Where installers put it outside the PATH. */
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/** For a Chromium under test: as root, without a graphics card, and silent on the network. */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The path of a Chromium: the variable CHROMIUM, else the PATH, else the usual places.
 * @returns {string | undefined}
 */
export function findChromium() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = [
    ...(process.env["CHROMIUM"] === undefined ? [] : [process.env["CHROMIUM"]]),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...places,
  ];
  return candidates.find(isExecutable);
}

/**
 * The path of a Chromium, installed first where that is possible (Debian and Ubuntu, as root).
 * @returns {Promise<string>}
 * @throws {Error} that names the command which brings one
 */
export async function installChromium() {
  const found = findChromium();
  if (found !== undefined) return found;
  if (isDebian() && process.getuid?.() === 0) await task("Installing Chromium (apt-get)", aptInstall);
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    `The end-to-end tests need Chromium, which is not on this machine. Install it with\n\n    ${command()}\n\nor name one in the variable CHROMIUM.`,
  );
}

async function aptInstall() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const attempt = async () => {
    await runToEnd("apt-get", ["update"], { cwd: "/", env });
    return runToEnd("apt-get", ["install", "-y", "--no-install-recommends", ...debianPackages], {
      cwd: "/",
      env,
    });
  };
  let { code, output } = await attempt();
  if (code !== 0) {
    // Another apt may hold the lock; one more try after it had time to end.
    await delay(15_000);
    ({ code, output } = await attempt());
  }
  if (code !== 0) throw new Error(`apt-get could not install Chromium\n${output}`);
}

function command() {
  if (process.platform === "darwin") return "brew install --cask chromium";
  if (process.platform === "win32") return "winget install Google.Chrome";
  return isDebian()
    ? `sudo apt-get install ${debianPackages.join(" ")}`
    : "your package manager's install command for chromium";
}

function isDebian() {
  const release = "/etc/os-release";
  return existsSync(release) && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync(release, "utf8"));
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
