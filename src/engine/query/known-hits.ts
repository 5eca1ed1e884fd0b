import type { ByteInterner } from "../store/byte-interner.ts";
import type { OriginTable, SpanOrigin } from "../store/origin-table.ts";

/** Which of some numbered things meet a condition, found out once for each of them. */
interface KnownHits {
  /** By number: 1 for those that do. */
  readonly flags: Uint8Array;
  readonly any: boolean;
}

/** Tests each entry of an interner. */
export function entryHits(
  interner: ByteInterner,
  isHit: (bytes: Uint8Array, start: number, end: number, tag: number) => boolean,
): KnownHits {
  const { bytes, count } = interner;
  const flags = new Uint8Array(count);
  let any = false;
  for (let entry = 0; entry < count; entry++) {
    if (!isHit(bytes, interner.startOf(entry), interner.endOf(entry), interner.tagOf(entry))) continue;
    flags[entry] = 1;
    any = true;
  }
  return { flags, any };
}

/** Tests each origin that is in use. */
export function originHits(
  store: { readonly origins: OriginTable },
  isHit: (origin: SpanOrigin) => boolean,
): KnownHits {
  const flags = Uint8Array.from(store.origins.all, (origin) =>
    origin !== undefined && isHit(origin) ? 1 : 0,
  );
  return { flags, any: flags.includes(1) };
}
