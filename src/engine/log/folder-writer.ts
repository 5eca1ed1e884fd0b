import { join } from "node:path";
import { segmentName, type EngineFolder } from "./engine-folder.ts";
import type { LogFile, LogFileSystem } from "./file-system.ts";
import { readFrameHeader } from "./frame.ts";
import { folderBehind, writeProblem, type LogProblem } from "./problems.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment.ts";
import {
  listSegments,
  SegmentIndex,
  type LeavingSegment,
  type Retention,
  type SegmentEntry,
} from "./segment-index.ts";

/** What is written at once at most: enough to be worth the call, and little enough that nobody waits for long. */
const MAX_WRITE_BYTES = 4 * 1024 * 1024;

/** After a failure the folder is tried again with the first record that comes after this time, doubling up to the last. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

/** What a loss of power may cost at most, and how seldom a device is made to flush its cache. */
const SYNC_DELAY_MS = 1000;

const NO_FRAME = new Uint8Array(0);

export interface FolderWriterOptions {
  readonly path: string;
  readonly engineFolder: EngineFolder;
  readonly fs: LogFileSystem;
  readonly clock: () => number;
  readonly segmentBytes: number;
  readonly maxQueuedBytes: number;
  readonly retention: Retention;
  /** Asked before segments leave because of the limits: they stay where, and until, it does not answer with true. */
  readonly beforeLeaving?:
    ((segments: readonly LeavingSegment[]) => Promise<boolean> | undefined) | undefined;
  readonly onProblem: (problem: LogProblem) => void;
  readonly onRecovered: (folder: string) => void;
}

export interface FolderStatus {
  readonly path: string;
  /** `waiting`: nothing was written yet. `failed`: left out, and tried again from time to time as records come. */
  readonly state: "waiting" | "writing" | "failed";
  /** Size of the segments, those of earlier engines among them. */
  readonly bytes: number;
  readonly lagBytes: number;
  /** Since when what is in it was received; undefined before the first write. */
  readonly sinceMs: number | undefined;
  readonly problem: LogProblem | undefined;
  /** Since when it is left out. */
  readonly failedSinceMs: number | undefined;
}

interface Queued {
  readonly frame: Uint8Array;
  /** Everything in earlier segments may go once this frame is written. */
  readonly clears: boolean;
  readonly settle: (problem: LogProblem | undefined) => void;
}

interface OpenSegment {
  readonly file: LogFile;
  readonly entry: SegmentEntry;
  readonly header: Uint8Array;
}

interface Outage {
  readonly problem: LogProblem;
  readonly failureCount: number;
  readonly beganMs: number;
  readonly failedAtMs: number;
  readonly retryAfterMs: number;
}

/** Writes frames into the segments of one log folder, in their order. Never rejects; what fails is told once per outage. */
export class FolderWriter {
  readonly #options: FolderWriterOptions;
  /** While earlier segments are being read none of them is removed to keep the limits. */
  keepsAll = false;
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #draining: Promise<void> | undefined;
  /** Segments that are on their way out. */
  readonly #partings = new Set<Promise<void>>();
  #segment: OpenSegment | undefined;
  #segmentNumber = 0;
  #index: SegmentIndex | undefined;
  #outage: Outage | undefined;
  #syncTimer: NodeJS.Timeout | undefined;

  constructor(options: FolderWriterOptions) {
    this.#options = options;
  }

  get status(): FolderStatus {
    const { path } = this.#options;
    const bytes = this.#index?.bytes ?? 0;
    const state = this.#outage !== undefined ? "failed" : this.#index === undefined ? "waiting" : "writing";
    return {
      path,
      state,
      bytes,
      lagBytes: this.#queuedBytes,
      sinceMs: this.#index?.sinceMs,
      problem: this.#outage?.problem,
      failedSinceMs: this.#outage?.beganMs,
    };
  }

  /** Why nothing would be written now: the folder failed, and the time to try it again has not come. */
  get refusal(): LogProblem | undefined {
    if (this.#outage === undefined) return undefined;
    const { failedAtMs, retryAfterMs, problem } = this.#outage;
    const sinceMs = this.#options.clock() - failedAtMs;
    // Negative: the clock was set back, and would keep the folder out for as long.
    return sinceMs >= 0 && sinceMs < retryAfterMs ? problem : undefined;
  }

  /** Resolves when the operating system has the frame, or with what kept it from that. */
  write(frame: Uint8Array, clears: boolean): Promise<LogProblem | undefined> {
    const { refusal } = this;
    if (refusal !== undefined) return Promise.resolve(refusal);
    if (this.#queuedBytes > 0 && this.#queuedBytes + frame.length > this.#options.maxQueuedBytes) {
      const problem = folderBehind(this.#options.path);
      this.#fail(problem);
      this.#settle(this.#queue.splice(0), problem);
      return Promise.resolve(problem);
    }
    const written = new Promise<LogProblem | undefined>((settle) => {
      this.#queue.push({ frame, clears, settle });
    });
    this.#queuedBytes += frame.length;
    this.#draining ??= this.#drain();
    return written;
  }

  /** Writes what is queued, puts it on the device, and closes. */
  async close(): Promise<void> {
    await this.#draining;
    // What leaves may be copied first, through this very queue.
    await Promise.all(this.#partings);
    await this.#draining;
    await this.#finishSegment();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#endsSegment(this.#queue[0])) await this.#finishSegment();
      const batch = this.#takeBatch();
      const problem = await this.#writeBatch(batch);
      this.#settle(batch, problem);
      if (problem !== undefined) this.#settle(this.#queue.splice(0), problem);
    }
    this.#draining = undefined;
  }

  #endsSegment(next: Queued | undefined): boolean {
    const bytes = this.#segment?.entry.bytes ?? 0;
    if (next === undefined || bytes === 0) return false;
    return next.clears || bytes + next.frame.length > this.#options.segmentBytes;
  }

  /** As many frames as fit into the segment, at least one. One that clears goes alone into a segment of its own beginning. */
  #takeBatch(): Queued[] {
    const used = this.#segment?.entry.bytes ?? SEGMENT_HEADER_BYTES;
    const room = Math.min(this.#options.segmentBytes - used, MAX_WRITE_BYTES);
    let bytes = 0;
    const count = this.#queue.findIndex(({ frame, clears }, index) => {
      bytes += frame.length;
      return index > 0 && (bytes > room || clears || this.#queue[0]?.clears === true);
    });
    return this.#queue.splice(0, count < 0 ? this.#queue.length : count);
  }

  #settle(batch: readonly Queued[], problem: LogProblem | undefined): void {
    for (const { frame, settle } of batch) {
      this.#queuedBytes -= frame.length;
      settle(problem);
    }
  }

  async #writeBatch(batch: readonly Queued[]): Promise<LogProblem | undefined> {
    for (;;) {
      const hadSegment = this.#segment !== undefined;
      try {
        await this.#append(batch.map(({ frame }) => frame));
        if (batch[0]?.clears === true) await this.#index?.removeAllBut(this.#segment?.entry);
        this.#recover();
        return undefined;
      } catch (thrown) {
        await this.#abandonSegment();
        const problem = writeProblem(this.#options.path, thrown);
        this.#fail(problem);
        // It may be that only this file is lost: a fresh one is tried before anything is given up.
        if (!hadSegment) return problem;
      }
    }
  }

  async #append(frames: readonly Uint8Array[]): Promise<void> {
    const segment = (this.#segment ??= await this.#beginSegment());
    const { entry, file, header } = segment;
    const chunks = entry.bytes === 0 ? [header, ...frames] : frames;
    await file.write(chunks, entry.bytes);
    entry.bytes = chunks.reduce((sum, chunk) => sum + chunk.length, entry.bytes);
    entry.modifiedMs = this.#options.clock();
    const last = readFrameHeader(frames.at(-1) ?? NO_FRAME, 0);
    if (last !== undefined) entry.lastSequence = last.firstSequence + last.recordCount - 1;
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      // Where this fails, the next write does too, and tells.
      void segment.file.sync().catch(() => undefined);
    }, SYNC_DELAY_MS).unref();
  }

  async #beginSegment(): Promise<OpenSegment> {
    const { fs, path, engineFolder, clock } = this.#options;
    const nowMs = clock();
    await fs.makeFolder(path);
    this.#index ??= new SegmentIndex(fs, await listSegments(fs, path, engineFolder, nowMs));
    if (!this.keepsAll) await this.#enforce(this.#index, nowMs);
    const ownPath = join(path, engineFolder.name);
    await fs.makeFolder(ownPath);
    const number = ++this.#segmentNumber;
    const entry = { path: join(ownPath, segmentName(number)), engineFolder, bytes: 0, modifiedMs: nowMs };
    const file = await fs.createFile(entry.path);
    this.#index.add(entry);
    return { file, entry, header: encodeSegmentHeader(number, engineFolder.marker, nowMs) };
  }

  async #enforce(index: SegmentIndex, nowMs: number): Promise<void> {
    const { retention, segmentBytes, beforeLeaving } = this.#options;
    const leaving = index.leaving(retention, segmentBytes, nowMs);
    const parting = beforeLeaving?.(leaving);
    // What is waited for comes through this very queue.
    if (parting === undefined) await index.remove(leaving);
    else {
      const removing = this.#removeAfter(parting, index, leaving).finally(() =>
        this.#partings.delete(removing),
      );
      this.#partings.add(removing);
    }
  }

  async #removeAfter(
    parting: Promise<boolean>,
    index: SegmentIndex,
    leaving: readonly SegmentEntry[],
  ): Promise<void> {
    if (await parting) await index.remove(leaving);
  }

  async #finishSegment(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    const file = this.#segment?.file;
    this.#segment = undefined;
    await file?.sync().catch(() => undefined);
    await file?.close().catch(() => undefined);
  }

  /** What was written in part was not acknowledged and goes; all of this is done as far as the disk allows. */
  async #abandonSegment(): Promise<void> {
    const segment = this.#segment;
    await segment?.file.truncate(segment.entry.bytes).catch(() => undefined);
    await this.#finishSegment();
    if (segment?.entry.bytes === 0)
      await this.#options.fs.removeFile(segment.entry.path).catch(() => undefined);
  }

  #fail(problem: LogProblem): void {
    const { clock, onProblem } = this.#options;
    const failureCount = (this.#outage?.failureCount ?? 0) + 1;
    const retryAfterMs = Math.min(FIRST_RETRY_MS * 2 ** (failureCount - 1), LAST_RETRY_MS);
    const isNew = this.#outage === undefined;
    const failedAtMs = clock();
    const beganMs = this.#outage?.beganMs ?? failedAtMs;
    this.#outage = { problem, failureCount, beganMs, failedAtMs, retryAfterMs };
    if (isNew) onProblem(problem);
  }

  #recover(): void {
    if (this.#outage === undefined) return;
    this.#outage = undefined;
    this.#options.onRecovered(this.#options.path);
  }
}
