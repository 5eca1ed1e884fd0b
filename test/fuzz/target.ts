import type { Random } from "./random.ts";

/** What became of an input that breaks no promise: taken whole, or refused, be it in part. */
export type Fate = "accepted" | "refused";

/** One format with what has to hold for whatever is received in it. */
export interface Target {
  readonly name: string;
  /** How many inputs it gets for each of a target with a weight of 1, which is the default. */
  readonly weight?: number;
  /** How many inputs there are between two looks. */
  readonly lookAfter?: number;
  /** After so many inputs, by default those of one look, it begins anew: what breaks can depend on no more than these. */
  readonly renewAfter?: number;
  /** Makes an input; the same for the same random numbers. */
  make(random: Random): Uint8Array;
  /** Throws where the input breaks a promise. */
  check(input: Uint8Array): Fate | Promise<Fate>;
  /**
   * Throws where what was kept of the inputs since the last look breaks a promise: what would be dear for each input,
   * for many of them. The culprit is then found by checking each of them alone.
   */
  look?(): void | Promise<void>;
  /** Forgets all inputs: the next one is checked as the first one was. */
  renew?(): void;
}
