// @ts-check
// Ending a process together with everything it started, also children that made a session of their own (terminals, debuggees).
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** How long a process may take to end by itself before it is killed. VS Code's server takes about half a second. */
const graceMs = 3_000;

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {number} parent
 * @property {string} command with its arguments
 */

/** @returns {Process[]} every running process of the machine, or none where `ps` is missing */
function allProcesses() {
  try {
    const rows = execFileSync("ps", ["-eo", "pid=,ppid=,stat=,args="], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    return rows.split("\n").flatMap((row) => {
      const [, pid, parent, state, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row) ?? [];
      // Z: it has ended, and waits for a parent that may take its time to notice.
      if (pid === undefined || state?.startsWith("Z")) return [];
      return [{ pid: Number(pid), parent: Number(parent), command }];
    });
  } catch {
    return [];
  }
}

/**
 * The descendants of a process, parents before children, itself not among them.
 * @param {number} root
 * @returns {Process[]}
 */
export function descendants(root) {
  const all = allProcesses();
  /** @type {Process[]} */
  const found = [];
  const parents = [root];
  for (const parent of parents) {
    const children = all.filter((each) => each.parent === parent && each.pid !== parent);
    found.push(...children);
    parents.push(...children.map(({ pid }) => pid));
  }
  return found;
}

/**
 * The processes whose command line holds `text`.
 * @param {string} text
 * @returns {Process[]}
 */
export function processesWith(text) {
  return allProcesses().filter(({ pid, command }) => pid !== process.pid && command.includes(text));
}

/**
 * Ends the processes with these ids and all their descendants: asks first, kills what is still there after the grace time.
 * @param {...number} roots
 */
export async function endProcessTree(...roots) {
  if (process.platform === "win32") return killProcessTree(...roots);
  const pids = withDescendants(roots);
  signal(pids, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (running(pids).length > 0 && Date.now() < deadline) await delay(100);
  signal(running(pids), "SIGKILL");
}

/**
 * The same at once and without waiting, for a process that is itself about to end.
 * @param {...number} roots
 */
export function killProcessTree(...roots) {
  if (process.platform !== "win32") return signal(withDescendants(roots), "SIGKILL");
  for (const pid of roots) {
    try {
      execFileSync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    } catch {
      // It has ended by itself.
    }
  }
}

/** @param {readonly number[]} roots */
function withDescendants(roots) {
  return [...new Set(roots.flatMap((pid) => [pid, ...descendants(pid).map((each) => each.pid)]))].reverse();
}

/** @param {readonly number[]} pids @param {NodeJS.Signals} name */
function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}

/**
 * Those of the processes that have not ended.
 * @param {readonly number[]} pids
 */
export function running(pids) {
  const all = new Set(allProcesses().map(({ pid }) => pid));
  return pids.filter((pid) => all.has(pid));
}
