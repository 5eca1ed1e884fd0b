import { Emitter, type Listen } from "../base/events.ts";
import { ok, type Problem, type Result } from "../base/result.ts";
import type { RunNumber, TraceId } from "../model/ids.ts";
import type {
  BackupPlan,
  BackupState,
  RestoredRuns,
  RunFileOutline,
  SavedRuns,
  SavedTraces,
} from "../protocol/run-file.ts";
import { BackupSchedule } from "./backup-schedule.ts";
import { findRuns, restoreRuns, type RestoringParts } from "./restore-runs.ts";
import { saveRuns } from "./save-runs.ts";
import { saveTraces } from "./save-traces.ts";

export interface RunFilesParts extends RestoringParts {
  /** Hears that runs were restored, or that {@link RunFiles.backup} has changed. */
  readonly onChanged: () => void;
  /** Hears once that backups cannot be written. */
  readonly onProblem: (problem: Problem) => void;
}

/** How far the saving or restoring of a file is. */
export interface RunFileProgress {
  readonly path: string;
  readonly fraction: number;
}

/** Runs in files: saved when asked or on a schedule, looked at, and restored. Answers the requests of protocol/run-file.ts. */
export class RunFiles {
  readonly #parts: RunFilesParts;
  readonly #schedule: BackupSchedule;
  #version = 0;
  readonly #progressed = new Emitter<RunFileProgress>();

  readonly onProgressed: Listen<RunFileProgress> = this.#progressed.listen;

  constructor(parts: RunFilesParts) {
    this.#parts = parts;
    const { onProblem, onChanged, now } = parts;
    this.#schedule = new BackupSchedule({
      save: (path) => saveRuns(parts, path, undefined),
      onProblem,
      onChanged,
      now,
    });
  }

  /** Undefined where nothing is saved by itself. */
  get backup(): BackupState | undefined {
    return this.#schedule.state;
  }

  configureBackup({ plan }: { readonly plan?: BackupPlan | undefined }): undefined {
    this.#schedule.configure(plan);
  }

  /** What is held may have changed. @param version grows where it has */
  changed(version: number): void {
    if (version > this.#version) this.#schedule.changed();
    this.#version = version;
  }

  /** Writes a backup at once, where one is due some time. */
  backUp(): Promise<void> {
    return this.#schedule.writeNow();
  }

  save(
    { path, runs }: { readonly path: string; readonly runs?: readonly RunNumber[] | undefined },
    signal?: AbortSignal,
  ): Promise<Result<SavedRuns, Problem>> {
    const onProgress = this.#progressOf(path);
    return saveRuns(this.#parts, path, runs && new Set(runs), { signal, onProgress });
  }

  saveTraces(
    { path, traceIds }: { readonly path: string; readonly traceIds?: readonly TraceId[] | undefined },
    signal?: AbortSignal,
  ): Promise<Result<SavedTraces, Problem>> {
    return saveTraces(this.#parts.store, path, traceIds, { signal, onProgress: this.#progressOf(path) });
  }

  async describe({ path }: { readonly path: string }): Promise<Result<RunFileOutline, Problem>> {
    const found = await findRuns(this.#parts.sessions, path);
    if (!found.ok) return found;
    const { madeBy, savedMs } = found.value;
    const runs = found.value.runs.map(({ number, name, startMs, endMs, here }) => ({
      number,
      name,
      startMs,
      endMs,
      here,
    }));
    return ok({ madeBy, savedMs, runs });
  }

  async restore(
    {
      path,
      numbers,
    }: {
      readonly path: string;
      readonly numbers: readonly { readonly from: RunNumber; readonly to: RunNumber }[];
    },
    signal?: AbortSignal,
  ): Promise<Result<RestoredRuns, Problem>> {
    const onProgress = (fraction: number): void => this.#progressed.emit({ path, fraction });
    const pairs = numbers.map(({ from, to }) => [from, to] as const);
    const restored = await restoreRuns(this.#parts, path, pairs, { signal, onProgress });
    this.#parts.onChanged();
    return restored;
  }

  /** Of all spans, since nobody counts beforehand how many there will be. */
  #progressOf(path: string): (itemCount: number) => void {
    const totalCount = Math.max(1, this.#parts.store.spanCount);
    return (itemCount) => this.#progressed.emit({ path, fraction: Math.min(1, itemCount / totalCount) });
  }

  dispose(): void {
    this.#schedule.dispose();
    this.#progressed.dispose();
  }
}
