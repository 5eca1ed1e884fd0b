import type { RunNumber } from "../../model/ids.ts";
import type { Run } from "../../model/session.ts";

/** A compound of launch.json: configurations that are started together. */
export interface Compound {
  readonly name: string;
  readonly members: readonly CompoundMember[];
}

export interface CompoundMember {
  readonly name: string;
  /** The workspace folder's name, where the compound names one. */
  readonly folder: string | undefined;
}

/** A launch configuration, and the workspace folder that it is of. */
export interface Launch {
  readonly name: string;
  readonly folder: string | undefined;
}

/**
 * Configurations of one compound ask their providers at the same moment, except those whose debugger's extension
 * has to be activated first. Two presses of F5 rarely come closer.
 */
const COMPOUND_WINDOW_MS = 4000;

interface OpenRun {
  readonly run: Run;
  readonly launches: readonly Launch[];
  /** The compounds that this run may still turn out to be; empty once it is known to be a single launch. */
  readonly compounds: readonly Compound[];
}

/**
 * Numbers the runs. Which launches belong to one press of F5 is not told by VS Code; it is found by the compounds that
 * launch.json has: a launch joins the run before it, if one compound holds it and all that are in that run already.
 */
export class RunBook {
  readonly #runs = new Map<RunNumber, Run>();
  #latest: OpenRun | undefined;
  #highest: number;

  /** @param highest the number of the last run that an earlier window had */
  constructor(highest = 0) {
    this.#highest = highest;
  }

  get runs(): readonly Run[] {
    return [...this.#runs.values()].sort((a, b) => a.number - b.number);
  }

  /** The highest number that was given to a run. */
  get highest(): number {
    return this.#highest;
  }

  /** Adds runs of earlier windows, whose traces were found in the session log. Those that are known stay as they are. */
  restore(runs: readonly Run[]): void {
    for (const run of runs) {
      if (this.#runs.has(run.number)) continue;
      this.#runs.set(run.number, run);
      this.#highest = Math.max(this.#highest, run.number);
    }
  }

  /** Numbers that no run has, and none will get. */
  reserve(count: number): readonly RunNumber[] {
    return Array.from({ length: count }, () => ++this.#highest as RunNumber);
  }

  /** The run of a launch that begins now. */
  begin(launch: Launch, compounds: readonly Compound[], nowMs: number): Run {
    const latest = this.#latest;
    if (
      latest !== undefined &&
      nowMs - latest.run.startMs < COMPOUND_WINDOW_MS &&
      !isAmong(launch, latest.launches)
    ) {
      const shared = latest.compounds.filter((compound) => holds(compound, launch));
      const first = shared[0];
      if (first !== undefined) return this.#join(latest, launch, shared, first.name);
    }
    const run: Run = {
      number: ++this.#highest as RunNumber,
      name: launch.name,
      startMs: nowMs,
      endMs: undefined,
    };
    this.#runs.set(run.number, run);
    this.#latest = {
      run,
      launches: [launch],
      compounds: compounds.filter((compound) => holds(compound, launch)),
    };
    return run;
  }

  /** Notes that the last of a run's sessions is over. */
  end(number: RunNumber, nowMs: number): void {
    this.#replace(number, (run) => ({ ...run, endMs: nowMs }));
  }

  #join(latest: OpenRun, launch: Launch, compounds: readonly Compound[], name: string): Run {
    const run = this.#replace(latest.run.number, (before) => ({ ...before, name, endMs: undefined }));
    this.#latest = { run, launches: [...latest.launches, launch], compounds };
    return run;
  }

  #replace(number: RunNumber, change: (run: Run) => Run): Run {
    const run = this.#runs.get(number);
    if (run === undefined) throw new Error(`broken invariant: run ${number} was begun`);
    const changed = change(run);
    this.#runs.set(number, changed);
    return changed;
  }
}

function holds({ members }: Compound, { name, folder }: Launch): boolean {
  return members.some(
    (member) => member.name === name && (member.folder === undefined || member.folder === folder),
  );
}

function isAmong(launch: Launch, launches: readonly Launch[]): boolean {
  return launches.some(({ name, folder }) => name === launch.name && folder === launch.folder);
}
