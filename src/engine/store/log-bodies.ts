import { ByteInterner, NOT_INTERNED } from "./byte-interner.ts";

/**
 * Numbers for bodies that come again and again ("cache miss", "GET /health"). A body gets one when it is seen for the second
 * time, so that texts which never repeat do not fill the table.
 */
export class LogBodies {
  readonly interner = new ByteInterner({ entries: 1 << 15, bytes: 2 << 20 });
  /** Hashes of bodies that were seen once, the latest of each place. */
  #seen = new Int32Array(SEEN_PLACES);

  get byteLength(): number {
    return this.interner.byteLength + this.#seen.byteLength;
  }

  clear(): void {
    this.interner.clear();
    this.#seen.fill(0);
  }

  /** The number of a body, an AnyValue message between `start` and `end`; {@link NOT_INTERNED} where it has none. */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_BODY_BYTES) return NOT_INTERNED;
    const hash = hashOf(bytes, start, end);
    const place = hash & (SEEN_PLACES - 1);
    if (this.#seen[place] === hash) return this.interner.intern(0, bytes, start, end);
    this.#seen[place] = hash;
    // Another body may have taken its place since it got a number.
    return this.interner.find(0, bytes, start, end);
  }
}

/** Longer ones are stack traces and dumps. */
const MAX_BODY_BYTES = 256;
const SEEN_PLACES = 1 << 14;

/** FNV-1a; what it mistakes for a repetition only takes a number too early. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x0100_0193);
  return hash ^ (hash >>> 15);
}
