import { decompress } from "./compression.ts";
import type { EngineFolder } from "./engine-folder.ts";
import type { LogFileSystem } from "./file-system.ts";
import type { Frame } from "./frame.ts";
import { corrupt, errorCode, unreadable, versionUnknown, type LogProblem } from "./problems.ts";
import { decodeRecords, type LogRecord } from "./record.ts";
import { readSegment, type Damage } from "./segment.ts";
import { listSegments, unlessGone, type SegmentEntry } from "./segment-index.ts";

/** A segment ends soon after 8 MiB, and one frame may be 64 MiB of body; what is larger was not written by a log. */
const MAX_SEGMENT_BYTES = 256 * 1024 * 1024;

/** Where there is more damage than this, the first of it is told. */
const MAX_PROBLEMS = 100;

/** The engine that wrote a record. Connection numbers are unique within one engine only. */
export interface RecordSource {
  readonly engine: string;
  readonly startedMs: number;
}

export type Visit = (record: LogRecord, source: RecordSource) => void | Promise<void>;

export interface ReplaySummary {
  readonly recordCount: number;
  /** Bytes at the ends of segments whose writing was cut off; they were never acknowledged. */
  readonly tornBytes: number;
  /** What could not be read, at most 100. Damage that the other folder made good is among them. */
  readonly problems: readonly LogProblem[];
}

export interface ReplayOptions {
  readonly fs: LogFileSystem;
  readonly folders: readonly string[];
  /** This engine's own segments are replayed up to, and without, the record of this number. */
  readonly own: EngineFolder;
  readonly ownEnd: number;
  readonly nowMs: number;
  /** Hears how much of the folders is read, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * Visits every record that the folders hold, engine by engine in the order in which they began, each record once,
 * however many of the folders have it. Holds one segment of each folder in memory at a time. Never rejects for what is
 * in the files; rejects where the visitor does.
 */
export async function replayFolders(options: ReplayOptions, visit: Visit): Promise<ReplaySummary> {
  const log = new ReadLog();
  const listings = await Promise.all(options.folders.map((folder) => listFolder(options, folder, log)));
  const sizes = listings.map((entries) => entries.reduce((sum, { bytes }) => sum + bytes, 0));
  const totalBytes = Math.max(1, ...sizes);
  let readBytes = 0;
  const engines = new Map(
    listings.flat().map(({ engineFolder }) => [engineFolder.name, engineFolder] as const),
  );
  let recordCount = 0;
  for (const [name, engine] of [...engines].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const source = { engine: name, startedMs: engine.startedMs };
    const readers = listings.map(
      (entries) =>
        new FrameReader(
          options.fs,
          entries.filter((entry) => entry.engineFolder.name === name),
          log,
        ),
    );
    for await (const { frame, path } of mergedFrames(readers)) {
      const end = name === options.own.name ? options.ownEnd - frame.firstSequence : Infinity;
      if (end <= 0) break;
      const records = await openFrame(frame, path, log);
      for (const record of records.slice(0, end)) {
        // Awaiting a visitor that does not wait would cost a turn a record.
        const visiting = visit(record, source);
        if (visiting !== undefined) await visiting;
        recordCount++;
      }
      readBytes += frame.stored.length;
      options.onProgress?.(Math.min(1, readBytes / totalBytes));
    }
  }
  return { recordCount, tornBytes: log.tornBytes, problems: log.problems };
}

async function listFolder(
  { fs, own, nowMs }: ReplayOptions,
  folder: string,
  log: ReadLog,
): Promise<readonly SegmentEntry[]> {
  try {
    return await listSegments(fs, folder, own, nowMs);
  } catch (thrown) {
    // A folder that was never written is no problem, and a writer tells of one that vanished.
    if (errorCode(thrown) !== "ENOENT") log.add(unreadable(folder, thrown));
    return [];
  }
}

async function* mergedFrames(readers: readonly FrameReader[]): AsyncGenerator<LocatedFrame> {
  let nextSequence = 0;
  for (;;) {
    const heads = await Promise.all(readers.map((reader) => reader.peek(nextSequence)));
    const first = heads
      .filter((head) => head !== undefined)
      .reduce<LocatedFrame | undefined>(
        (least, head) =>
          least !== undefined && least.frame.firstSequence <= head.frame.firstSequence ? least : head,
        undefined,
      );
    if (first === undefined) return;
    yield first;
    nextSequence = first.frame.firstSequence + Math.max(1, first.frame.recordCount);
  }
}

async function openFrame(frame: Frame, path: string, log: ReadLog): Promise<readonly LogRecord[]> {
  const payload = await decompress(frame.codec, frame.stored, frame.rawLength);
  if (typeof payload === "string") {
    log.add(corrupt(path, payload));
    return [];
  }
  const { records, unreadable: unknownCount } = decodeRecords(payload);
  if (unknownCount > 0) log.add(corrupt(path, `${unknownCount} records of an unknown kind`));
  return records;
}

interface LocatedFrame {
  readonly frame: Frame;
  readonly path: string;
}

/** The frames of one engine in one folder, segment after segment. */
class FrameReader {
  readonly #fs: LogFileSystem;
  readonly #log: ReadLog;
  #segments: readonly SegmentEntry[];
  #path = "";
  #frames: readonly Frame[] = [];
  #position = 0;

  constructor(fs: LogFileSystem, segments: readonly SegmentEntry[], log: ReadLog) {
    this.#fs = fs;
    this.#segments = segments;
    this.#log = log;
  }

  /** The first frame from this record on, without taking it. */
  async peek(fromSequence: number): Promise<LocatedFrame | undefined> {
    for (;;) {
      for (; this.#position < this.#frames.length; this.#position++) {
        const frame = this.#frames[this.#position];
        if (frame !== undefined && frame.firstSequence >= fromSequence) return { frame, path: this.#path };
      }
      const next = this.#segments[0];
      if (next === undefined) return undefined;
      this.#segments = this.#segments.slice(1);
      await this.#load(next);
    }
  }

  async #load({ path, bytes, engineFolder }: SegmentEntry): Promise<void> {
    this.#path = path;
    this.#frames = [];
    this.#position = 0;
    try {
      if (bytes > MAX_SEGMENT_BYTES) throw new Error(`its ${bytes} bytes are more than a segment has`);
      const content = await unlessGone(this.#fs.read(path));
      if (content === undefined) return;
      const { frames, damages } = readSegment(content, engineFolder.marker);
      this.#frames = frames;
      this.#log.addDamages(path, damages);
    } catch (thrown) {
      this.#log.add(unreadable(path, thrown));
    }
  }
}

/** What went wrong while reading, for the summary. */
class ReadLog {
  readonly problems: LogProblem[] = [];
  tornBytes = 0;

  add(problem: LogProblem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }

  addDamages(path: string, damages: readonly Damage[]): void {
    for (const damage of damages) {
      if (damage.kind === "torn") this.tornBytes += damage.bytes;
      else if (damage.kind === "version") this.add(versionUnknown(path, damage.version));
      else if (damage.kind === "header") this.add(corrupt(path, "its header"));
      else this.add(corrupt(path, `${damage.bytes} bytes at ${damage.offset}`));
    }
  }
}
