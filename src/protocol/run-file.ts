import type { Problem } from "../base/result.ts";
import { isTraceId, type RunNumber, type TraceId } from "../model/ids.ts";
import type { Run } from "../model/session.ts";
import { isArrayOf, isNumber, isObject, isOptional, isString, type Guard } from "./guard.ts";
import { event, request } from "./message.ts";

const isRun: Guard<RunNumber> = (value): value is RunNumber =>
  isNumber(value) && Number.isInteger(value) && value >= 0;

/** A run's number in a file, and the number that it gets here. */
interface Renumbering {
  readonly from: RunNumber;
  readonly to: RunNumber;
}

const isRenumbering: Guard<Renumbering> = isObject({ from: isRun, to: isRun });

export interface SavedRuns {
  readonly spanCount: number;
  /** Data points of metrics. */
  readonly pointCount: number;
  readonly logCount: number;
  readonly bytes: number;
}

/** Writes these runs, or all that is held, into one compressed file (docs/run-file.md). Can be cancelled. */
export const saveRuns = request<SavedRuns>()(
  "runs/save",
  isObject({ path: isString, runs: isOptional(isArrayOf(isRun)) }),
);

export interface SavedTraces {
  readonly spanCount: number;
  readonly bytes: number;
}

/**
 * Writes the traces named, or all, into one file of OTLP JSON (one ExportTraceServiceRequest). Nothing that was received
 * is missing from it, but for traces that leave while it is written. Can be cancelled.
 */
export const saveTraces = request<SavedTraces>()(
  "traces/save",
  isObject({ path: isString, traceIds: isOptional(isArrayOf(isTraceId)) }),
);

export interface RunFileOutline {
  /** The version of Spanlight that wrote the file. */
  readonly madeBy: string;
  readonly savedMs: number;
  /** By the file's numbers; `here` is the number of one that was born here or restored before. */
  readonly runs: readonly (Run & { readonly here: RunNumber | undefined })[];
}

/** What a file holds, without taking it in. */
export const describeRuns = request<RunFileOutline>()("runs/describe", isObject({ path: isString }));

export interface RestoredRuns {
  /** By the numbers that they have here. */
  readonly runs: readonly Run[];
  /** Traces that came with it, at most 100. */
  readonly traceIds: readonly TraceId[];
  readonly spanCount: number;
  /** Spans that were here already, byte for byte. */
  readonly knownSpanCount: number;
  /** What could not be read, at most 100. */
  readonly problems: readonly Problem[];
}

/** Takes in the runs of a file. Those that are not known here get these numbers. Can be cancelled: what was read by then stays. */
export const restoreRuns = request<RestoredRuns>()(
  "runs/restore",
  isObject({ path: isString, numbers: isArrayOf(isRenumbering) }),
);

/** How far the saving or restoring of a file is, from 0 to 1. */
export const runFileProgressed = event("runs/progressed", isObject({ path: isString, fraction: isNumber }));

/** Where, and how often, all that is held is saved by itself. */
export interface BackupPlan {
  /** Absolute path. */
  readonly folder: string;
  /** What the files' names begin with. */
  readonly name: string;
  /** Time between a change and the file that holds it; more than 0. */
  readonly everyMinutes: number;
  /** Files that stay; the oldest leave. */
  readonly keep: number;
}

export interface BackupState {
  readonly folder: string;
  /** The last file that was written by this engine, and when; undefined before the first. */
  readonly lastPath: string | undefined;
  readonly lastMs: number | undefined;
  /** Why the last attempt failed. */
  readonly problem: Problem | undefined;
}

const isPlan: Guard<BackupPlan> = isObject({
  folder: isString,
  name: isString,
  everyMinutes: isNumber,
  keep: isNumber,
});

/** Saves from now on by this plan; without one, no more. */
export const configureBackup = request<undefined>()(
  "backup/configure",
  isObject({ plan: isOptional(isPlan) }),
);
