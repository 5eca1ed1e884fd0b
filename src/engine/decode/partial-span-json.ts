import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";

/**
 * Brings the JSON of a partial span into OTLP's form: `{"resourceSpans": …}` with ids in hexadecimal. Libraries write it
 * each in its own: protobuf's plain JSON mapping has ids in base64, .NET's serializer names in snake_case, times as
 * numbers beyond what a double holds exactly, and attributes with plain texts for values. Undefined for what is no JSON object.
 */
export function otlpJsonOfPartialSpan(text: string): Uint8Array | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(BARE_TIMES, '$1"$2"'));
  } catch {
    return undefined;
  }
  return isObject(parsed) ? new TextEncoder().encode(JSON.stringify(withOtlpForm(parsed, 0))) : undefined;
}

/** A span with all its attributes and events stays far below. */
const MAX_LENGTH = 1 << 20;

/** Times that are not in quotes: parsed as numbers they would lose their last digits. */
const BARE_TIMES = /("\w*time_?unix_?nano"\s*:\s*)(\d+)/gi;

function withOtlpForm(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((item) => withOtlpForm(item, depth + 1));
  if (!isObject(value)) return value;
  // With a null prototype, a key named "__proto__" is a key like any other.
  const result = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) {
    const otlpName = camelCase(name);
    if (ID_LENGTHS.has(otlpName) && typeof inner === "string") result[otlpName] = hexOfId(otlpName, inner);
    else if (otlpName === "value" && "key" in value && isScalar(inner))
      result[otlpName] = { stringValue: String(inner) };
    else result[otlpName] = withOtlpForm(inner, depth + 1);
  }
  return result;
}

/** Objects and lists: each level of a value takes four at most, and what is around it less than twenty. */
const MAX_DEPTH = 4 * MAX_ATTRIBUTE_DEPTH + 20;

/** Hexadecimal digits of each id. */
const ID_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["traceId", 32],
  ["spanId", 16],
  ["parentSpanId", 16],
]);

/** Of these lengths, base64 has no text as long as the hexadecimal one. */
function hexOfId(name: string, text: string): string {
  return text.length === ID_LENGTHS.get(name) ? text : Buffer.from(text, "base64").toString("hex");
}

function camelCase(name: string): string {
  const joined = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
