import { Emitter, type Listen } from "../../base/events.ts";
import { err, type Problem, type Result } from "../../base/result.ts";
import { claim, newEngineFolder, release } from "./engine-folder.ts";
import { nodeFileSystem, type LogFileSystem } from "./file-system.ts";
import { FolderWriter, type FolderStatus } from "./folder-writer.ts";
import { GroupCommit } from "./group-commit.ts";
import { logClosed, type LogProblem } from "./problems.ts";
import type { LogRecord } from "./record.ts";
import type { LeavingSegment } from "./segment-index.ts";
import { replayFolders, type ReplaySummary, type Visit } from "./replay.ts";

const MEBIBYTE = 1024 * 1024;
const DAY_MS = 86_400_000;

/** Small enough that the limits are kept closely, large enough that a gigabyte is no crowd of files. */
const SEGMENT_BYTES = 8 * MEBIBYTE;

const MAX_WAITING_BYTES = 64 * MEBIBYTE;

/** How long {@link SessionLog.close} waits for a disk that hangs: VS Code itself gives an extension five seconds to end. */
const CLOSE_PATIENCE_MS = 3000;

export interface SessionLogOptions {
  /** One folder, or two that hold the same. They belong to one workspace alone; they need not exist. */
  readonly folders: readonly [string, ...string[]];
  /** Limit of each folder; the oldest segments go first. At least 64 KiB. */
  readonly maxBytes: number;
  /** Segments that were last written longer ago go when a new one is begun. */
  readonly maxAgeDays: number;
  /** What may wait in memory for the disk: 64 MiB unless told. */
  readonly maxWaitingBytes?: number;
  /** Asked before segments leave because of the limits: they stay where, and until, it does not answer with true. */
  readonly beforeLeaving?: (segments: readonly LeavingSegment[]) => Promise<boolean> | undefined;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  readonly fs?: LogFileSystem;
}

export interface SessionLogStatus {
  /** Size on disk, of the folder that holds most. */
  readonly bytes: number;
  /** What was appended and is in no file yet. */
  readonly lagBytes: number;
  /** Since when what it holds was received; undefined while that is not known, before the first record. */
  readonly sinceMs: number | undefined;
  readonly folders: readonly FolderStatus[];
}

/** The log of one workspace: everything that was acknowledged, so that a crash costs nothing of it. See docs/session-log.md. */
export interface SessionLog {
  /**
   * Resolves with success when one of the folders has the record: from then on it outlives this process, though not
   * yet a loss of power. Resolves with a problem where no folder could take it (`log-disk-full`, `log-read-only`,
   * `log-folder-missing`, `log-write-failed`, at once while none is to be tried), or `log-behind` where too much is
   * waiting, or `log-closed`. Never rejects. Records are kept in the order of the calls.
   */
  append(record: LogRecord): Promise<Result<void, Problem>>;
  /**
   * Visits what earlier engines of this workspace left, then what this one appended before this call. Waits for a
   * visitor that answers with a promise; until the end, nothing is removed to keep the limits. Rejects only where the
   * visitor does.
   */
  replay(visit: Visit, onProgress?: (fraction: number) => void): Promise<ReplaySummary>;
  readonly status: SessionLogStatus;
  /** The number of the record that is appended next. */
  readonly nextSequence: number;
  /** A folder has failed, or the disk cannot keep up. Told once, until it has recovered. */
  readonly onProblem: Listen<LogProblem>;
  /** The folder is written again; undefined: the log as a whole has caught up. */
  readonly onRecovered: Listen<string | undefined>;
  /** Takes no more, writes what is waiting and puts it on the device; a disk that hangs is given up after three seconds. */
  close(): Promise<void>;
}

/** Opens the log. Nothing is written, and no folder made, before the first record. */
export function openSessionLog(options: SessionLogOptions): SessionLog {
  const { folders, maxBytes, maxAgeDays, maxWaitingBytes = MAX_WAITING_BYTES } = options;
  const { clock = Date.now, fs = nodeFileSystem, beforeLeaving } = options;
  const problems = new Emitter<LogProblem>();
  const recoveries = new Emitter<string | undefined>();
  const onProblem = (problem: LogProblem): void => problems.emit(problem);
  const onRecovered = (folder: string | undefined): void => recoveries.emit(folder);

  const engineFolder = newEngineFolder(clock());
  claim(engineFolder);
  const segmentBytes = Math.min(SEGMENT_BYTES, Math.ceil(maxBytes / 4));
  const retention = { maxBytes, maxAgeMs: maxAgeDays * DAY_MS };
  const shared = { engineFolder, fs, clock, segmentBytes, retention, beforeLeaving, onProblem, onRecovered };
  const writers = folders.map(
    (path) => new FolderWriter({ ...shared, path, maxQueuedBytes: maxWaitingBytes }),
  );
  const { marker } = engineFolder;
  const commits = new GroupCommit({ writers, marker, maxWaitingBytes, onProblem, onRecovered });
  let closing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    await commits.settled();
    await Promise.all(writers.map((writer) => writer.close()));
    release(engineFolder);
  }

  async function close(): Promise<void> {
    await withinMs(CLOSE_PATIENCE_MS, flush());
    problems.dispose();
    recoveries.dispose();
  }

  return {
    append: (record) => (closing === undefined ? commits.append(record) : Promise.resolve(err(logClosed()))),
    async replay(visit, onProgress) {
      const ownEnd = commits.appendedCount;
      for (const writer of writers) writer.keepsAll = true;
      try {
        await commits.settled();
        const reading = { fs, folders, own: engineFolder, ownEnd, nowMs: clock(), onProgress };
        return await replayFolders(reading, visit);
      } finally {
        for (const writer of writers) writer.keepsAll = false;
      }
    },
    get status() {
      const statuses = writers.map((writer) => writer.status);
      const bytes = Math.max(...statuses.map((status) => status.bytes));
      const sinceMs = statuses.map((status) => status.sinceMs).find((since) => since !== undefined);
      return { bytes, lagBytes: commits.lagBytes, sinceMs, folders: statuses };
    },
    get nextSequence() {
      return commits.appendedCount;
    },
    onProblem: problems.listen,
    onRecovered: recoveries.listen,
    close: () => (closing ??= close()),
  };
}

/** Resolves when the work has ended or the time is over, whichever is first. */
async function withinMs(patienceMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
}
