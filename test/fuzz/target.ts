import type { Random } from "./random.ts";

/** One format with what has to hold for whatever is received in it. */
export interface Target {
  readonly name: string;
  /** Inputs of this target for each input of the others, at least 1 in so many. */
  readonly every?: number;
  /** Makes an input; the same for the same random numbers. */
  make(random: Random): Uint8Array;
  /** Throws where the input breaks a promise. */
  check(input: Uint8Array): void | Promise<void>;
}
