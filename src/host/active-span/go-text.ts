import type { FoundSpan } from "../../model/span-stack.ts";
import { foundSpanOf, spanIdOf } from "./found-span.ts";

/** A span as Delve writes it. */
export interface GoSpan {
  readonly span: FoundSpan;
  /** How many attributes it has; their values are not in the text. */
  readonly attributeCount: number;
}

/**
 * Reads `… *{…, parent: trace.SpanContext {traceID: trace.TraceID [12,…], spanID: …}, …, name: "…", startTime: time.Time(…){wall: …, ext: …}, …}`,
 * the fields of the SDK's `recordingSpan`, whole. Undefined for any other text, such as a span without a recording: what
 * a remote caller handed over is in another process.
 */
export function parseRecordingSpan(text: string | undefined): GoSpan | undefined {
  const { plain, strings } = withoutStrings(text ?? "");
  const context = /\bspanContext: trace\.SpanContext \{traceID: ([^\]]*\]), spanID: ([^\]]*\])/.exec(plain);
  const name = /\bname: "(\d+)"/.exec(plain)?.[1];
  if (context === null || name === undefined) return undefined;
  const parent = /\bparent: trace\.SpanContext \{traceID: [^\]]*\], spanID: ([^\]]*\])/.exec(plain)?.[1];
  const started = timeIn(plain, "startTime");
  const ended = timeIn(plain, "endTime");
  const span = foundSpanOf([
    hexOfDecimals(context[1]),
    hexOfDecimals(context[2]),
    strings[Number(name)] ?? "",
    spanIdOf(hexOfDecimals(parent)),
    started && unixNanos(started.wall, started.ext),
    ended !== undefined && !(ended.wall === "0" && ended.ext === "0"),
    [],
  ]);
  const attributeCount = Number(/\battributes: \[\]attribute\.KeyValue len: (\d+)/.exec(plain)?.[1] ?? 0);
  return span && { span, attributeCount };
}

/** Of OpenTelemetry's `attribute.Type`: those of a single value. */
const BOOL = 1;
const INT64 = 2;
const FLOAT64 = 3;
const STRING = 4;

/** Reads `attribute.KeyValue {Key: "…", Value: attribute.Value {vtype: STRING (4), numeric: 0, stringly: "…", …}}`. */
export function parseAttribute(
  text: string | undefined,
): readonly [key: string, value: string | number | boolean] | undefined {
  const { plain, strings } = withoutStrings(text ?? "");
  const read = /\bKey: "(\d+)".*\bvtype: (?:\w+ \()?(\d+)\)?, numeric: (\d+), stringly: "(\d+)"/.exec(plain);
  if (read === null) return undefined;
  const key = strings[Number(read[1])];
  const numeric = BigInt(read[3] ?? "0");
  const value = (
    {
      [BOOL]: numeric === 1n,
      [INT64]: Number(BigInt.asIntN(64, numeric)),
      [FLOAT64]: doubleOf(numeric),
      [STRING]: strings[Number(read[4])],
    } as const
  )[Number(read[2])];
  return key === undefined || value === undefined ? undefined : [key, value];
}

function doubleOf(bits: bigint): number {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, bits);
  return bytes.getFloat64(0);
}

/** Puts the number of each string in its place, so that what the program wrote is not taken for Delve's words. */
function withoutStrings(text: string): { readonly plain: string; readonly strings: readonly string[] } {
  const strings: string[] = [];
  const plain = text.replace(
    /"((?:[^"\\]|\\.)*)"/gs,
    (quoted, inner: string) => `"${strings.push(unquoted(quoted, inner)) - 1}"`,
  );
  return { plain, strings };
}

/** Go escapes more than JSON knows; then the text stays as Delve wrote it. */
function unquoted(quoted: string, inner: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return inner;
  }
}

function timeIn(plain: string, field: string): { readonly wall: string; readonly ext: string } | undefined {
  const read = new RegExp(`\\b${field}: time\\.Time[^{]*\\{wall: (\\d+), ext: (-?\\d+)`).exec(plain);
  return read?.[1] === undefined || read[2] === undefined ? undefined : { wall: read[1], ext: read[2] };
}

/** `trace.TraceID [12,233,…]` or `[16]uint8 [12,…]`, bytes in decimals, as hexadecimal digits. */
export function hexOfDecimals(text: string | undefined): string | undefined {
  const list = /\[((?:\d{1,3},\s*)+\d{1,3})\]\s*$/.exec(text ?? "")?.[1];
  if (list === undefined) return undefined;
  const bytes = list.split(",").map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** From the internals of Go's `time.Time`: the topmost bit of `wall` says whether it holds the seconds since 1885 itself, or `ext` those since the year 1. */
export function unixNanos(wall: string, ext: string): string | undefined {
  const wallBits = BigInt(wall);
  const nanos = wallBits & 0x3fff_ffffn;
  const isMonotonic = wallBits >> 63n === 1n;
  const seconds = isMonotonic
    ? ((wallBits >> 30n) & 0x1_ffff_ffffn) - 2_682_288_000n
    : BigInt(ext) - 62_135_596_800n;
  const total = seconds * 1_000_000_000n + nanos;
  return total > 0n ? total.toString() : undefined;
}
