import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { minimise } from "./minimise.ts";
import { Random, seedOfInput } from "./random.ts";
import type { Target } from "./target.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Ends after so many inputs, where that comes first. */
  readonly maxInputs?: number;
  /** Where the run begins: the number of the first input. */
  readonly first?: number;
  /** Hears of every input's number before it is tried, for a watchdog. */
  readonly onInput?: (index: number) => void;
}

export interface Finding {
  readonly target: string;
  readonly index: number;
  readonly message: string;
  readonly input: Uint8Array;
  /** The smallest input found that breaks the same promise. */
  readonly smallest: Uint8Array;
}

export interface FuzzReport {
  readonly inputCount: number;
  readonly seconds: number;
  readonly countOf: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** The longest time that one input took, milliseconds. */
  readonly slowestMs: number;
  /** What the heap and buffers have grown by since the run was warm, in MiB after a collection. */
  readonly grownMiB: number;
}

const MAX_FINDINGS = 10;
const MAX_INPUT_MS = 1000;
/** By then every engine of the targets is full, and all code is compiled. */
const WARM_INPUTS = 20_000;
/** More than the fragments that a heap keeps; ten thousand leaks of a kilobyte are over it. */
const MAX_GROWN_MIB = 32;

/** Feeds mutated inputs to the targets in turn. Which input has which number depends on the seed only. */
export async function fuzz(targets: readonly Target[], options: FuzzOptions): Promise<FuzzReport> {
  const { seed, seconds, maxInputs = Number.POSITIVE_INFINITY, first = 0, onInput } = options;
  const countOf = new Map<string, number>();
  const findings: Finding[] = [];
  const begun = performance.now();
  let slowestMs = 0;
  let warmMiB: number | undefined;
  let inputCount = 0;
  for (let index = first; inputCount < maxInputs && findings.length < MAX_FINDINGS; index++, inputCount++) {
    // Asking the clock costs as much as a small input.
    if (inputCount % 16 === 0 && performance.now() - begun > seconds * 1000) break;
    onInput?.(index);
    const random = new Random(seedOfInput(seed, index));
    const target = targetOf(targets, index, random);
    const input = target.make(random);
    const { message, ms } = await attempt(target, input);
    slowestMs = Math.max(slowestMs, ms);
    countOf.set(target.name, (countOf.get(target.name) ?? 0) + 1);
    if (message !== undefined) {
      const smallest = await minimise(input, async (smaller) => {
        return (await attempt(target, smaller)).message === message;
      });
      findings.push({ target: target.name, index, message, input, smallest });
    }
    if (inputCount === WARM_INPUTS) warmMiB = usedMiB();
  }
  const grownMiB = warmMiB === undefined ? 0 : usedMiB() - warmMiB;
  if (grownMiB > MAX_GROWN_MIB) {
    const nothing = new Uint8Array(0);
    const message = `the process grew by ${grownMiB.toFixed(1)} MiB`;
    findings.push({ target: "all", index: first, message, input: nothing, smallest: nothing });
  }
  return { inputCount, seconds: (performance.now() - begun) / 1000, countOf, findings, slowestMs, grownMiB };
}

/** In turn; targets that are slow give most of their turns to the next one. */
function targetOf(targets: readonly Target[], index: number, random: Random): Target {
  for (let at = index; ; at++) {
    const target = targets[at % targets.length];
    if (target === undefined) throw new RangeError("no targets");
    if (target.every === undefined || random.below(target.every) === 0) return target;
  }
}

async function attempt(
  target: Target,
  input: Uint8Array,
): Promise<{ message: string | undefined; ms: number }> {
  // A machine that does something else makes an input slow once, but not three times.
  let ms = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && ms > MAX_INPUT_MS; round++) {
    const before = performance.now();
    try {
      await target.check(input);
    } catch (thrown) {
      return { message: firstLine(thrown), ms: performance.now() - before };
    }
    ms = Math.min(ms, performance.now() - before);
  }
  return { message: ms > MAX_INPUT_MS ? "an input takes longer than a second" : undefined, ms };
}

function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return text.split("\n", 1)[0] ?? text;
}

function usedMiB(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
