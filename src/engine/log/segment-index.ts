import { join } from "node:path";
import { isInUse, isSegmentName, parseEngineFolder, type EngineFolder } from "./engine-folder.ts";
import type { LogFileSystem } from "./file-system.ts";
import { errorCode } from "./problems.ts";

/** A segment that nobody else writes: one of this engine, or left by an engine that is gone. */
export interface SegmentEntry {
  readonly path: string;
  readonly engineFolder: EngineFolder;
  bytes: number;
  modifiedMs: number;
  /** The number of its last record, of a segment that this engine has written. */
  lastSequence?: number;
}

/** A segment that leaves because of the limits. */
export type LeavingSegment = Pick<SegmentEntry, "lastSequence">;

export interface Retention {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** The segments of one log folder, the oldest first, without those of engines that are running elsewhere. */
export async function listSegments(
  fs: LogFileSystem,
  folder: string,
  own: EngineFolder,
  nowMs: number,
): Promise<SegmentEntry[]> {
  const engineFolders = (await fs.list(folder)).toSorted().map(parseEngineFolder);
  const entries: SegmentEntry[] = [];
  for (const engineFolder of engineFolders) {
    if (engineFolder === undefined) continue;
    const found = await segmentsOf(fs, folder, engineFolder);
    const lastWriteMs = found.length === 0 ? undefined : Math.max(...found.map((entry) => entry.modifiedMs));
    if (engineFolder.name === own.name || !isInUse(engineFolder, lastWriteMs, nowMs)) entries.push(...found);
  }
  return entries;
}

async function segmentsOf(
  fs: LogFileSystem,
  folder: string,
  engineFolder: EngineFolder,
): Promise<SegmentEntry[]> {
  const path = join(folder, engineFolder.name);
  const names = await unlessGone(fs.list(path));
  const entries: SegmentEntry[] = [];
  for (const name of (names ?? []).filter(isSegmentName).sort()) {
    const segmentPath = join(path, name);
    const found = await unlessGone(fs.stat(segmentPath));
    if (found !== undefined) entries.push({ path: segmentPath, engineFolder, ...found });
  }
  return entries;
}

/** What another engine removes while this one looks is as good as never there. */
export async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT" || errorCode(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
}

/** Keeps a log folder within its limits: the oldest segments go first. */
export class SegmentIndex {
  readonly #fs: LogFileSystem;
  #entries: SegmentEntry[];

  constructor(fs: LogFileSystem, entries: SegmentEntry[]) {
    this.#fs = fs;
    this.#entries = entries;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** When the oldest engine began whose segments are here, milliseconds since the epoch. */
  get sinceMs(): number | undefined {
    return this.#entries[0]?.engineFolder.startedMs;
  }

  add(entry: SegmentEntry): void {
    this.#entries.push(entry);
  }

  /** What is too old, and as much as it takes to have `roomBytes` left below the limit. */
  leaving({ maxBytes, maxAgeMs }: Retention, roomBytes: number, nowMs: number): readonly SegmentEntry[] {
    let excess = this.bytes + roomBytes - maxBytes;
    return this.#entries.filter(({ bytes, modifiedMs }) => {
      const leaves = excess > 0 || modifiedMs < nowMs - maxAgeMs;
      if (leaves) excess -= bytes;
      return leaves;
    });
  }

  async removeAllBut(kept: SegmentEntry | undefined): Promise<void> {
    await this.remove(this.#entries.filter((entry) => entry !== kept));
  }

  async remove(leaving: readonly SegmentEntry[]): Promise<void> {
    for (const entry of leaving) {
      try {
        await unlessGone(this.#fs.removeFile(entry.path));
      } catch {
        // It still counts, and is tried again with the next segment.
        continue;
      }
      this.#entries = this.#entries.filter((other) => other !== entry);
    }
    const emptied = new Set(leaving.map(({ path }) => join(path, "..")));
    for (const path of emptied) {
      // Not empty, or already gone: both are fine.
      await this.#fs.removeFolder(path).catch(() => undefined);
    }
  }
}
