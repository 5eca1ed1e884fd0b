import { performance } from "node:perf_hooks";
import { minimise } from "./minimise.ts";
import { Random, seedOfInput } from "./random.ts";
import type { Target } from "./target.ts";
import { usedMiB } from "./used-memory.ts";

export interface FuzzOptions {
  readonly seed: number;
  /** Ends after so long, or after so many inputs, whatever comes first. */
  readonly seconds?: number;
  readonly maxInputs?: number;
  /** Where the run begins: the number of the first input. */
  readonly first?: number;
  /** Whose inputs are tried; those of the others are passed over, so that numbers stay what they are. */
  readonly only?: (target: Target) => boolean;
  /** Hears of every input's number before it is tried, for a watchdog. */
  readonly onInput?: (index: number) => void;
}

export interface Finding {
  readonly target: string;
  /** The number of the input; of the first one, where it takes several. */
  readonly index: number;
  /** How many inputs of the target it takes, counted from that one: 1 where the input breaks the promise alone. */
  readonly inputs: number;
  readonly message: string;
  readonly input: Uint8Array;
  /** The smallest input found that breaks the same promise. */
  readonly smallest: Uint8Array;
}

/** What one target's inputs came to. */
export interface Tally {
  accepted: number;
  refused: number;
  findings: number;
  /** Time that making and checking its inputs took. */
  ms: number;
  slowestMs: number;
}

export interface FuzzReport {
  readonly inputCount: number;
  readonly seconds: number;
  /** Processor time of the whole run: what a machine that does something else does not change. */
  readonly cpuSeconds: number;
  readonly tallyOf: ReadonlyMap<string, Readonly<Tally>>;
  readonly findings: readonly Finding[];
  /** What the heap and buffers have grown by since the run was warm, in MiB after a collection; undefined for a run that was not. */
  readonly grownMiB: number | undefined;
}

/** Inputs of a target between two looks, where it does not say. */
const ROUND = 32;
const MAX_FINDINGS = 10;
const MAX_INPUT_MS = 1000;
/** By then every engine of the targets is full, and all code is compiled. */
const WARM_INPUTS = 20_000;
/** More than the fragments that a heap keeps; ten thousand leaks of a kilobyte are over it. */
const MAX_GROWN_MIB = 32;

/** Feeds mutated inputs to the targets. Which input has which number depends on the seed and the list of targets only. */
export async function fuzz(targets: readonly Target[], options: FuzzOptions): Promise<FuzzReport> {
  const { seed, seconds = Infinity, maxInputs = Infinity, first = 0, only, onInput } = options;
  const runs = new Map(targets.map((target) => [target, new TargetRun(target, seed)]));
  const choose = targetChooser(targets);
  const findings: Finding[] = [];
  const begun = performance.now();
  const cpuBegun = process.cpuUsage();
  let warmMiB: number | undefined;
  let inputCount = 0;
  for (let index = first; inputCount < maxInputs && findings.length < MAX_FINDINGS; index++) {
    // Asking the clock costs as much as passing an input over.
    if (index % 16 === 0 && performance.now() - begun > seconds * 1000) break;
    const target = choose(seed, index);
    if (only?.(target) === false) continue;
    onInput?.(index);
    const finding = await runs.get(target)?.take(index);
    if (finding !== undefined) findings.push(finding);
    if (++inputCount !== WARM_INPUTS) continue;
    findings.push(...(await endAll(runs.values())));
    warmMiB = usedMiB();
  }
  findings.push(...(await endAll(runs.values())));
  const grownMiB = warmMiB === undefined ? undefined : usedMiB() - warmMiB;
  if (grownMiB !== undefined && grownMiB > MAX_GROWN_MIB) {
    const nothing = new Uint8Array(0);
    const message = `the process grew by ${grownMiB.toFixed(1)} MiB`;
    findings.push({
      target: "all",
      index: first,
      inputs: inputCount,
      message,
      input: nothing,
      smallest: nothing,
    });
  }
  const tallyOf = new Map([...runs.values()].map(({ name, tally }) => [name, tally]));
  const cpu = process.cpuUsage(cpuBegun);
  return {
    inputCount,
    seconds: (performance.now() - begun) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    tallyOf,
    findings,
    grownMiB,
  };
}

/** Looks at what is left to look at, and empties all targets: what they hold is no growth. */
async function endAll(runs: Iterable<TargetRun>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const run of runs) {
    const finding = await run.end();
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

/** At random, by weight. Which target an input is for does not depend on which of them take part. */
function targetChooser(targets: readonly Target[]): (seed: number, index: number) => Target {
  const total = targets.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return (seed, index) => {
    // Other random numbers than those that the input is made with.
    let left = new Random(~seedOfInput(seed, index)).fraction() * total;
    const chosen = targets.find(({ weight = 1 }) => (left -= weight) < 0);
    if (chosen === undefined) throw new RangeError("no targets");
    return chosen;
  };
}

/** One target's inputs, in rounds. */
class TargetRun {
  readonly tally: Tally = { accepted: 0, refused: 0, findings: 0, ms: 0, slowestMs: 0 };
  readonly #target: Target;
  readonly #seed: number;
  /** The numbers of the inputs since the target began anew, and how many of them were looked at. */
  #indexes: number[] = [];
  #looked = 0;

  constructor(target: Target, seed: number) {
    this.#target = target;
    this.#seed = seed;
  }

  get name(): string {
    return this.#target.name;
  }

  async take(index: number): Promise<Finding | undefined> {
    const begun = performance.now();
    const input = this.#make(index);
    this.#indexes.push(index);
    const { message, fate, ms } = await this.#attempt(() => this.#target.check(input));
    if (fate !== undefined) this.tally[fate]++;
    this.tally.slowestMs = Math.max(this.tally.slowestMs, ms);
    const finding = message === undefined ? await this.#lookWhenDue() : await this.#found([index], message);
    this.tally.ms += performance.now() - begun;
    return finding;
  }

  /** Looks at what has not been looked at yet, and begins anew. */
  async end(): Promise<Finding | undefined> {
    const finding = this.#indexes.length > this.#looked ? await this.#look() : undefined;
    this.#renew();
    return finding;
  }

  async #lookWhenDue(): Promise<Finding | undefined> {
    const { lookAfter = ROUND, renewAfter = lookAfter } = this.#target;
    const finding = this.#indexes.length - this.#looked >= lookAfter ? await this.#look() : undefined;
    if (this.#indexes.length >= renewAfter) this.#renew();
    return finding;
  }

  async #look(): Promise<Finding | undefined> {
    const { message } = await this.#attempt(() => this.#target.look?.());
    const suspects = this.#indexes.slice(this.#looked);
    this.#looked = this.#indexes.length;
    return message === undefined ? undefined : this.#found(suspects, message);
  }

  /** The first of the suspects that breaks a promise alone; all inputs since the target began anew where none does. */
  async #found(suspects: readonly number[], message: string): Promise<Finding> {
    const target = this.name;
    const all = this.#indexes;
    this.tally.findings++;
    for (const index of suspects) {
      const input = this.#make(index);
      const alone = await this.#alone(input);
      if (alone === undefined) continue;
      const smallest = await minimise(input, async (smaller) => (await this.#alone(smaller)) === alone);
      this.#renew();
      return { target, index, inputs: 1, message: alone, input, smallest };
    }
    this.#renew();
    const index = all[0] ?? 0;
    const input = this.#make(suspects[0] ?? index);
    return { target, index, inputs: all.length, message: `${message} (not alone)`, input, smallest: input };
  }

  async #alone(input: Uint8Array): Promise<string | undefined> {
    const { message } = await this.#attempt(async () => {
      this.#target.renew?.();
      await this.#target.check(input);
      await this.#target.look?.();
    });
    return message;
  }

  #renew(): void {
    this.#target.renew?.();
    this.#indexes = [];
    this.#looked = 0;
  }

  #make(index: number): Uint8Array {
    // Readers may mask in place; what inputs are made from shall stay what it is.
    return new Uint8Array(this.#target.make(new Random(seedOfInput(this.#seed, index))));
  }

  async #attempt<T>(act: () => T | Promise<T>): Promise<{ message?: string; fate?: T; ms: number }> {
    let fate: T | undefined;
    // A machine that does something else makes an input slow once, but not three times.
    let ms = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3 && ms > MAX_INPUT_MS; round++) {
      const before = performance.now();
      try {
        const result = act();
        // A turn for each input that needs none would cost as much as small ones.
        fate = result instanceof Promise ? await result : result;
      } catch (thrown) {
        return { message: firstLine(thrown), ms: performance.now() - before };
      }
      ms = Math.min(ms, performance.now() - before);
    }
    if (ms > MAX_INPUT_MS) return { message: "an input takes longer than a second", ms };
    return { ...(fate !== undefined && { fate }), ms };
  }
}

function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return text.split("\n", 1)[0] ?? text;
}
