import { createHash, randomBytes } from "node:crypto";
import { hostname, uptime } from "node:os";
import { MARKER_BYTES } from "./frame.ts";

/**
 * The folder in which one engine, and no other, writes its segments. Its name says who that is, so that nothing else
 * has to be written, read and kept in step: `<begun, ms>-<marker, hex>-<pid>-<machine, hex>`. Names sort by age.
 */
export interface EngineFolder {
  readonly name: string;
  readonly startedMs: number;
  /** Marks the frames; random, so that no sender can forge one. */
  readonly marker: Uint8Array;
  readonly pid: number;
  readonly machine: string;
}

const NAME = /^(\d{15})-([0-9a-f]{16})-(\d{1,10})-([0-9a-f]{8})$/;
const SEGMENT_NAME = /^(\d{8})\.segment$/;

/** Engines of another machine cannot be asked whether they live; one that wrote within this time is taken to. */
const FOREIGN_SILENCE_MS = 10 * 60_000;

/** Engine folders that this process holds open itself. */
const openHere = new Set<string>();

export function newEngineFolder(nowMs: number): EngineFolder {
  const marker = randomBytes(MARKER_BYTES);
  const machine = thisMachine();
  const begun = String(Math.max(0, Math.trunc(nowMs))).padStart(15, "0");
  const name = `${begun}-${marker.toString("hex")}-${process.pid}-${machine}`;
  return { name, startedMs: nowMs, marker, pid: process.pid, machine };
}

/** Reads a folder's name; undefined for one that is no engine's. */
export function parseEngineFolder(name: string): EngineFolder | undefined {
  const [, begun, marker, pid, machine] = NAME.exec(name) ?? [];
  if (begun === undefined || marker === undefined || pid === undefined || machine === undefined)
    return undefined;
  return { name, startedMs: Number(begun), marker: Buffer.from(marker, "hex"), pid: Number(pid), machine };
}

export function segmentName(number: number): string {
  return `${String(number).padStart(8, "0")}.segment`;
}

export function isSegmentName(name: string): boolean {
  return SEGMENT_NAME.test(name);
}

/** Tells this process' other logs that the folder is in use; until {@link release}. */
export function claim(folder: EngineFolder): void {
  openHere.add(folder.name);
}

export function release(folder: EngineFolder): void {
  openHere.delete(folder.name);
}

/**
 * Whether the engine may still write there. A process runs one engine at a time, so a folder of this very process that
 * is not open here is left from a worker that died. A pid that another program has got since is told by the machine's
 * start where that lies between; where it does not, the folder waits until that program ends too.
 *
 * @param lastWriteMs when a segment in it was last written, undefined where there is none
 */
export function isInUse(folder: EngineFolder, lastWriteMs: number | undefined, nowMs: number): boolean {
  if (openHere.has(folder.name)) return true;
  if (folder.machine !== thisMachine()) return nowMs - (lastWriteMs ?? folder.startedMs) < FOREIGN_SILENCE_MS;
  if (folder.pid === process.pid) return false;
  const machineStartedMs = Date.now() - uptime() * 1000;
  // A minute's grace: the clock may have been set since.
  if (folder.startedMs < machineStartedMs - 60_000) return false;
  return isRunning(folder.pid);
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks, and sends nothing.
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

function thisMachine(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
