// @ts-check
// npm as a child process, and whether an installation still fits its lockfile. Node's own modules only: it runs before `npm ci`.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endProcessTree } from "./process-tree.mjs";
import { task } from "./progress.mjs";

/**
 * The environment for a child npm or a program of the person's: what the outer `npm run` put there about itself is left out,
 * as it would send the child to the wrong folder.
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOutsideNpm(extra = {}) {
  const outer = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle)_|^npm_config_(prefix|local_prefix)$/i.test(name),
  );
  return { ...Object.fromEntries(outer), ...extra };
}

/**
 * Runs a command to its end and gathers what it prints.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, limitMs?: number }} options after the limit it is ended, with all that it started
 * @returns {Promise<{ code: number, output: string }>} code 127 when the command does not exist, 124 when the limit ended it
 */
export function runToEnd(command, args, { cwd, env = environmentOutsideNpm(), limitMs }) {
  return new Promise((resolve) => {
    const child = spawn(...spawnable(command, args), {
      cwd,
      env,
      shell: needsShell(command),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    let isTooLong = false;
    const limit =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            isTooLong = true;
            output += `\nended after ${String(limitMs / 1000)} s\n`;
            if (child.pid !== undefined) void endProcessTree(child.pid);
          }, limitMs);
    child.on("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({ code: isTooLong ? 124 : (code ?? 1), output });
    });
  });
}

/**
 * npm, code and their like are .cmd files on Windows, which only a shell starts.
 * @param {string} command
 */
export function needsShell(command) {
  return process.platform === "win32" && !command.endsWith(".exe");
}

/**
 * A command and its arguments as `spawn` wants them; a shell takes them apart at spaces unless they are quoted.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, string[]]}
 */
export function spawnable(command, args) {
  if (!needsShell(command)) return [command, [...args]];
  const quoted = (/** @type {string} */ text) => (/[\s&]/.test(text) ? `"${text}"` : text);
  return [quoted(command), args.map(quoted)];
}

/**
 * Runs npm and throws, with what it printed, when it fails.
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 */
export async function npm(args, options) {
  const { code, output } = await runToEnd("npm", args, options);
  if (code !== 0)
    throw new Error(`npm ${args.join(" ")} ended with code ${code} in ${options.cwd}\n${output}`);
}

/**
 * Installs a folder's dependencies as its lockfile says, unless they are there already.
 * @param {string} folder the one with the package.json
 * @param {string} what named in the progress line
 */
export async function installDependencies(folder, what) {
  if (installationFits(folder)) return;
  const command = existsSync(join(folder, "package-lock.json")) ? "ci" : "install";
  await task(`Installing ${what} (npm ${command})`, () =>
    npm([command, "--no-audit", "--no-fund"], { cwd: folder }),
  );
}

/**
 * Whether node_modules holds every package of the lockfile in its version. The hidden lockfile that npm leaves in node_modules
 * is compared, not the folders: that takes milliseconds.
 * @param {string} folder
 * @returns {boolean}
 */
export function installationFits(folder) {
  const wanted = lockedPackages(join(folder, "package-lock.json"));
  const installed = lockedPackages(join(folder, "node_modules", ".package-lock.json"));
  if (wanted === undefined) return existsSync(join(folder, "node_modules"));
  if (installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      path === "" ||
      optional ||
      link ||
      !path.includes("node_modules/") ||
      installed[path]?.version === version,
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }> | undefined}
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}
