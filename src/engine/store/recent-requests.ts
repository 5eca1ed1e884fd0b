import { hashBytes } from "../../base/words.ts";
import type { LogBatch } from "../../model/log-batch.ts";

/**
 * Recognises a request that was taken already: a sender whose reply was lost sends it again, byte for byte. What is compared
 * is the whole request (its records, resources and scopes; of a large one, part by part) within its session, so that equal
 * records in one request are all kept. A request with a record that tells no time is never taken for a repetition: the same line may have been meant twice.
 */
export class RecentRequests {
  /** Hashes of 52 bits, the oldest first; of this many requests two are mistaken for each other once in 10^11. */
  readonly #known = new Set<number>();
  /** The same of requests before the last {@link age}. */
  readonly #aged = new Set<number>();

  get byteLength(): number {
    return (this.#known.size + this.#aged.size) * SET_ENTRY_BYTES;
  }

  clear(): void {
    this.#known.clear();
    this.#aged.clear();
  }

  /** To be called where only some of what is known is held any longer. */
  age(): void {
    for (const hash of this.#known) addBounded(this.#aged, hash);
    this.#known.clear();
  }

  /**
   * Whether this part of a request was seen lately: `now`, or `aged` where that was before the last {@link age}. Where
   * it was not `now`, it has been from here on. Requests are always cut alike.
   */
  seen(batch: LogBatch, session: string | undefined, part = 0): "now" | "aged" | undefined {
    for (let i = 0; i < batch.count; i++) if (!hasTime(batch, i)) return undefined;
    const hash = hashOfRequest(batch, `${part} ${session ?? ""}`);
    if (this.#known.has(hash)) return "now";
    addBounded(this.#known, hash);
    return this.#aged.has(hash) ? "aged" : undefined;
  }
}

function addBounded(hashes: Set<number>, hash: number): void {
  if (hashes.size >= MAX_KNOWN)
    for (const oldest of hashes) {
      hashes.delete(oldest);
      break;
    }
  hashes.add(hash);
}

/** Senders that retry do so for minutes at most, and wait for a reply before the next request. */
const MAX_KNOWN = 1 << 15;
/** A number on the heap and its place in the set, roughly. */
const SET_ENTRY_BYTES = 40;

function hasTime(batch: LogBatch, i: number): boolean {
  return (
    batch.timeLow[i] !== 0 ||
    batch.timeHigh[i] !== 0 ||
    batch.observedLow[i] !== 0 ||
    batch.observedHigh[i] !== 0
  );
}

/** Unknown to senders, so that they cannot choose requests that collide. */
const SEED = Math.floor(Math.random() * 0xffff_ffff);

function hashOfRequest(batch: LogBatch, place: string): number {
  const { body, count } = batch;
  const words = new DataView(body.buffer, body.byteOffset, body.length);
  let first = SEED;
  let second = ~SEED;
  const add = (start = 0, end = 0): void => {
    first = hashBytes(first, words, start, end);
    second = hashBytes(second, words, start, end);
  };
  for (let i = 0; i < place.length; i++) first = Math.imul(first ^ place.charCodeAt(i), 0x0100_0193);
  for (const { message, schemaUrl } of [...batch.resources, ...batch.scopes]) {
    add(message.start, message.end);
    add(schemaUrl.start, schemaUrl.end);
  }
  for (let i = 0; i < count; i++) add(batch.recordStart[i], batch.recordEnd[i]);
  return (first >>> 0) * 2 ** 20 + (second >>> 12);
}
