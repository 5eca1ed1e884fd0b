import type * as inspectorModule from "node:inspector";
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";

import { EpochClock } from "../../base/epoch-clock.ts";

/** The module, which is loaded where it is there: a Node can be built without it. */
type Inspector = typeof inspectorModule;

// Taken before the program, or its tests, replaces the clocks.
const clock = new EpochClock(Date.now, performance.now.bind(performance));
const nowMs = performance.now.bind(performance);
const cpuUsage = process.cpuUsage.bind(process);

/**
 * Tells the engine when V8 holds this program and when it lets it go on, by the clock that the program's spans have: a
 * debugger hears that some milliseconds later. V8 says it in the thread that it holds, to a session of the inspector's
 * that waits for nothing and that nothing waits for. Only where a debugger can be: a program that is attached to by a
 * signal goes without, as does a worker, which does not know.
 *
 * @param say sends a text frame, at once where it can
 * @param lastMoment when the program last told of itself, in nanoseconds since the epoch: it was not held then
 */
export function tellHolds(say: (text: string) => void, lastMoment: () => bigint): void {
  if (!isMainThread) return;
  try {
    const inspector = createRequire(__filename)("node:inspector") as Inspector;
    if (inspector.url() !== undefined) new HoldTeller(inspector, say, lastMoment).start();
  } catch {
    // A Node without the inspector, or that keeps it from us.
  }
}

/**
 * V8 describes the whole stack to each of its clients in turn before any of them can do something: to the debugger, to
 * our `first`, and to our `second`, which is there to see how long one description takes. The hold began the debugger's
 * description and that of `first` before the latter heard of it.
 */
class HoldTeller {
  readonly #first: InstanceType<Inspector["Session"]>;
  readonly #second: InstanceType<Inspector["Session"]>;
  readonly #say: (text: string) => void;
  readonly #lastMoment: () => bigint;
  #releasedNs = 0n;
  #heardNs = 0n;
  #isMeasuring = false;
  #fromMs = 0;
  #fromCpu = cpuUsage();

  constructor({ Session }: Inspector, say: (text: string) => void, lastMoment: () => bigint) {
    this.#first = new Session();
    this.#second = new Session();
    this.#say = say;
    this.#lastMoment = lastMoment;
  }

  start(): void {
    this.#first.connect();
    this.#second.connect();
    this.#first.on("Debugger.paused", () => {
      this.#heard();
    });
    this.#second.on("Debugger.paused", () => {
      this.#described();
    });
    this.#first.on("Debugger.resumed", () => {
      if (this.#isMeasuring) this.#tell("held", this.#heardNs);
      this.#isMeasuring = false;
      this.#releasedNs = clock.now();
      this.#tell("released", this.#releasedNs);
    });
    enable(this.#first);
  }

  #heard(): void {
    this.#heardNs = clock.now();
    // Not before the program stands: each script that was loaded is told to it, which takes a while.
    if (this.#releasedNs === 0n) enable(this.#second);
    this.#fromMs = nowMs();
    this.#fromCpu = cpuUsage();
    this.#isMeasuring = true;
  }

  #described(): void {
    if (!this.#isMeasuring) return;
    this.#isMeasuring = false;
    const wallMs = nowMs() - this.#fromMs;
    const { user, system } = cpuUsage(this.#fromCpu);
    // What other programs had the core for meanwhile was no work of V8's.
    const descriptionMs = Math.min(wallMs, (user + system) / 1000);
    this.#tell("held", startOfHold(this.#heardNs, descriptionMs, [this.#releasedNs, this.#lastMoment()]));
  }

  #tell(type: "held" | "released", atNs: bigint): void {
    this.#say(JSON.stringify({ type, atUnixNano: atNs.toString() }));
  }
}

/**
 * The debugger's own description and our first, in ours: the debugger's is made before anything is in a cache, and sent to
 * another process. With two, 0.4 to 1.6 ms were left of some 1.5 each (docs/pauses.md).
 */
const DESCRIPTIONS = 2.5;

/**
 * When a hold began: the descriptions before it was heard of, but not before the program was last seen at work.
 *
 * @param seenNs moments at which it was not held; those after `heardNs` are of spans that were given times by hand
 */
export function startOfHold(heardNs: bigint, descriptionMs: number, seenNs: readonly bigint[]): bigint {
  let startNs = heardNs - BigInt(Math.round(descriptionMs * DESCRIPTIONS * 1e6));
  for (const atNs of seenNs) if (atNs > startNs && atNs <= heardNs) startNs = atNs;
  return startNs;
}

function enable(session: InstanceType<Inspector["Session"]>): void {
  session.post("Debugger.enable");
  // V8 steps over what all of its clients skip: we are one that skips everything, so that the others decide.
  session.post("Debugger.setBlackboxPatterns", { patterns: ["^"] });
}
