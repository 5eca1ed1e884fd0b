import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, type Problem, type Result } from "../base/result.ts";
import type { BackupPlan, BackupState } from "../protocol/run-file.ts";

export interface BackupParts {
  /** Writes all that is held into a file that appears once it is complete. */
  readonly save: (path: string) => Promise<Result<unknown, Problem>>;
  /** Hears once of each outage. */
  readonly onProblem: (problem: Problem) => void;
  /** Hears that {@link BackupSchedule.state} has changed. */
  readonly onChanged: () => void;
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
const SUFFIX = ".spanlight";
/** What {@link timestampOf} writes. */
const TIMESTAMP = /^\d{8}T\d{6}Z$/;

/**
 * Saves everything into a folder from time to time: as long after a change as the plan says, and not while nothing
 * changes. The oldest files leave. A folder that fails is told once, and tried again the next time.
 */
export class BackupSchedule {
  readonly #parts: BackupParts;
  #plan: BackupPlan | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isChanged = false;
  #problem: Problem | undefined;
  #last: { readonly path: string; readonly atMs: number } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: BackupParts) {
    this.#parts = parts;
  }

  get state(): BackupState | undefined {
    if (this.#plan === undefined) return undefined;
    const { folder } = this.#plan;
    return { folder, lastMs: this.#last?.atMs, lastPath: this.#last?.path, problem: this.#problem };
  }

  /** Undefined switches it off. What was changed before is saved, too. */
  configure(plan: BackupPlan | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#plan = plan;
    this.#problem = undefined;
    if (this.#isChanged) this.#schedule();
    this.#parts.onChanged();
  }

  /** Something is held that was not before, or is not any more. */
  changed(): void {
    this.#isChanged = true;
    this.#schedule();
  }

  /** Saves at once what has changed since the last time. Never rejects. */
  writeNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#plan = undefined;
  }

  #schedule(): void {
    if (this.#plan === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.writeNow(), this.#plan.everyMinutes * MINUTE_MS);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const plan = this.#plan;
    if (plan === undefined || !this.#isChanged) return;
    this.#isChanged = false;
    const atMs = this.#parts.now();
    const path = join(plan.folder, `${plan.name}-${timestampOf(atMs)}${SUFFIX}`);
    const problem = await this.#saveInto(plan, path);
    if (problem === undefined) this.#last = { path, atMs };
    else {
      this.#isChanged = true;
      this.#schedule();
      if (this.#problem === undefined) this.#parts.onProblem(problem);
    }
    this.#problem = problem;
    this.#parts.onChanged();
  }

  async #saveInto(plan: BackupPlan, path: string): Promise<Problem | undefined> {
    try {
      await mkdir(plan.folder, { recursive: true });
      const saved = await this.#parts.save(path);
      if (!saved.ok) return backupFailed(plan.folder, saved.error.message);
      await removeOldest(plan);
      return undefined;
    } catch (thrown) {
      return backupFailed(plan.folder, messageOf(thrown));
    }
  }
}

/** Keeps the newest files of this plan's name; others in the folder are nobody's business. */
async function removeOldest({ folder, name, keep }: BackupPlan): Promise<void> {
  const own = (await readdir(folder)).filter((file) => isOwn(file, name)).sort();
  for (const file of own.slice(0, -Math.max(1, keep))) await rm(join(folder, file), { force: true });
}

function isOwn(file: string, name: string): boolean {
  return (
    file.startsWith(`${name}-`) &&
    file.endsWith(SUFFIX) &&
    TIMESTAMP.test(file.slice(name.length + 1, -SUFFIX.length))
  );
}

/** UTC, to the second, without what file systems do not take: `20261123T150405Z`. Sorts by age. */
function timestampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function backupFailed(folder: string, why: string): Problem {
  return {
    code: "backup-failed",
    message: `The backup could not be written into ${folder}: ${why}`,
    advice: "It is tried again by itself. Telemetry in memory is not affected.",
  };
}
