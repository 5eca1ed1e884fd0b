#!/usr/bin/env node
// @ts-check
// Stands in for the desktop VS Code's executable: takes the arguments that @vscode/test-electron gives to it, and runs the same tests
// in the embedded VS Code's extension host with a headless Chromium as its window. Ends with the tests' exit code.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { chromiumArguments, installChromium } from "../../../scripts/vscode/chromium.mjs";
import { installEmbeddedVsCode } from "../../../scripts/vscode/install.mjs";
import { startServer, workbenchUrl, writeUserSettings } from "../../../scripts/vscode/server.mjs";
import { parseLauncherArguments } from "./arguments.mjs";

/** Longer than any suite here; a window that never reports back must not hold up the run. */
const limitMs = 480_000;

const request = parseLauncherArguments(process.argv.slice(2), process.cwd());
const vscode = await installEmbeddedVsCode();
if (request.version) {
  console.log(vscode.version);
  process.exit(0);
}

const profile = mkdtempSync(join(tmpdir(), "spanlight-launcher-"));
const output = followFile(join(profile, "output.log"));
/** @type {(() => Promise<unknown>)[]} */
const cleanUp = [];
let ending = false;

for (const [signal, code] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])) {
  process.on(signal, () => void end(code));
}
try {
  await run();
} catch (error) {
  console.error(error);
  await end(1);
}

async function run() {
  const userData = request.userData ?? join(profile, "data");
  const extensions = request.extensions ?? join(profile, "extensions");
  writeUserSettings(userData);
  const [main, ...others] = request.developmentPaths;
  if (main === undefined || request.testsPath === undefined) {
    throw new Error("--extensionDevelopmentPath and --extensionTestsPath are needed");
  }
  for (const path of others) linkExtension(path, extensions);

  const server = await startServer(vscode, {
    profile,
    userData,
    extensions,
    args: [
      "--enable-smoke-test-driver",
      "--log",
      "off",
      ...(request.disableWorkspaceTrust ? ["--disable-workspace-trust"] : []),
    ],
  });
  cleanUp.push(() => server.stop());
  void server.ended.then(() => end(1));

  const browser = await chromium.launch({ executablePath: await installChromium(), args: chromiumArguments });
  cleanUp.unshift(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  // The workbench calls these two when it runs extension tests; the tests' own output comes through the file.
  await context.exposeFunction("codeAutomationLog", () => undefined);
  await context.exposeFunction("codeAutomationExit", (/** @type {number} */ code) => void end(code));
  const page = await context.newPage();

  console.log(
    `Host: the embedded VS Code ${vscode.version}, in Chromium. Without effect here: ${request.ignored.join(" ")}`,
  );
  const remote = `vscode-remote://127.0.0.1:${String(server.port)}`;
  setTimeout(() => void timedOut(page), limitMs).unref();
  await page.goto(
    workbenchUrl(server.origin, {
      ...(request.open === undefined ? {} : { open: request.open }),
      payload: [
        ["extensionDevelopmentPath", `${remote}${main}`],
        ["extensionTestsPath", `${remote}${writeShim(request.testsPath, output.file)}`],
        ["skipWelcome", "true"],
      ],
    }),
  );
}

/** @param {number} code */
async function end(code) {
  if (ending) return;
  ending = true;
  output.drain();
  for (const step of cleanUp) await step().catch(() => undefined);
  rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  process.exit(code);
}

/** @param {import("playwright-core").Page} page */
async function timedOut(page) {
  const picture = resolve("test-results", `${basename(request.testsPath ?? "tests")}.timeout.png`);
  mkdirSync(resolve("test-results"), { recursive: true });
  await page.screenshot({ path: picture }).catch(() => undefined);
  console.error(`The tests did not report back within ${String(limitMs / 1000)} s; screenshot: ${picture}`);
  await end(1);
}

/**
 * The payload takes one development path; another extension counts as installed when it lies in the extensions folder before its first use.
 * @param {string} path @param {string} extensions
 */
function linkExtension(path, extensions) {
  const { publisher, name, version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const link = join(extensions, `${publisher}.${name}-${version}`);
  mkdirSync(extensions, { recursive: true });
  if (!existsSync(link)) symlinkSync(path, link, "junction");
}

/**
 * A module that sends the console of the tests into a file and then runs them. The workbench would mix that output with its own and leave
 * it unformatted. Plain assignment to console's functions has no effect in the extension host.
 * @param {string} testsPath @param {string} outputFile
 */
function writeShim(testsPath, outputFile) {
  const shim = join(profile, "shim.cjs");
  writeFileSync(
    shim,
    `const { openSync, writeSync } = require("node:fs");
const { format } = require("node:util");
const { pathToFileURL } = require("node:url");
const output = openSync(${JSON.stringify(outputFile)}, "a");
const value = (...args) => { writeSync(output, format(...args) + "\\n"); };
for (const name of ["log", "info", "warn", "error", "debug"]) {
  Object.defineProperty(console, name, { configurable: true, writable: true, value });
}
exports.run = async () => {
  const tests = await import(pathToFileURL(${JSON.stringify(testsPath)}).href);
  return (tests.run ?? tests.default.run)();
};
`,
  );
  return shim;
}

/**
 * Copies what is appended to a new file to standard output, as it comes.
 * @param {string} file
 */
function followFile(file) {
  writeFileSync(file, "");
  const descriptor = openSync(file, "r");
  const buffer = Buffer.alloc(64 * 1024);
  const drain = () => {
    for (let count = 1; count > 0;) {
      count = readSync(descriptor, buffer);
      if (count > 0) process.stdout.write(buffer.subarray(0, count));
    }
  };
  setInterval(drain, 100).unref();
  return { file, drain };
}
