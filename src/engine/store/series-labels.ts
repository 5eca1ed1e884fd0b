import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";

/** A name and a value by which series are found; attributes that are no text are written as text. */
export type Label = readonly [name: string, value: string];

/** The name of the label that holds the metric's name, as in Prometheus. */
export const METRIC_NAME = "__name__";

/** The labels that all series of a resource and scope have: `resource.` and the attribute's key, `scope.name`, `scope.version`. */
export function labelsAround(resource: Uint8Array, scope: Uint8Array): Label[] {
  const labels: Label[] = [];
  eachField(resource, 0, resource.length, (tag, start, end) => {
    if (tag === RESOURCE_ATTRIBUTE) labels.push(labelOf(resource, start, end, "resource."));
  });
  eachField(scope, 0, scope.length, (tag, start, end) => {
    if (tag === SCOPE_NAME) labels.push(["scope.name", textOf(scope, start, end)]);
    else if (tag === SCOPE_VERSION) labels.push(["scope.version", textOf(scope, start, end)]);
    else if (tag === SCOPE_ATTRIBUTE) labels.push(labelOf(scope, start, end, "scope."));
  });
  return labels;
}

/** The label that a KeyValue message stands for. Empty values stand for no label, as in Prometheus. */
export function labelOf(bytes: Uint8Array, start: number, end: number, prefix = ""): Label {
  let name = "";
  let value = "";
  eachField(bytes, start, end, (tag, from, to) => {
    if (tag === KEY) name = textOf(bytes, from, to);
    else if (tag === VALUE) value = valueText(bytes, from, to);
  });
  return [prefix + name, value];
}

/**
 * An AnyValue as text: numbers in decimal, bytes in base64, lists and maps in brackets. Attributes of data points were
 * checked when they came; those of resources and scopes are cut here.
 */
function valueText(bytes: Uint8Array, start: number, end: number, depth = 0): string {
  let text = "";
  if (depth > MAX_ATTRIBUTE_DEPTH) return text;
  eachField(bytes, start, end, (tag, from, to, reader) => {
    switch (tag) {
      case 0x0a:
        text = textOf(bytes, from, to);
        break;
      case 0x10:
        text = reader.low === 0 && reader.high === 0 ? "false" : "true";
        break;
      case 0x18:
        text = BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low)).toString();
        break;
      case 0x21:
        text = String(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(from, true));
        break;
      case 0x2a:
        text = `[${partsText(bytes, from, to, (at, last) => valueText(bytes, at, last, depth + 1))}]`;
        break;
      case 0x32:
        text = `{${partsText(bytes, from, to, (at, last) => pairText(bytes, at, last, depth + 1))}}`;
        break;
      case 0x3a:
        text = Buffer.from(bytes.subarray(from, to)).toString("base64");
        break;
    }
  });
  return text;
}

function partsText(
  bytes: Uint8Array,
  start: number,
  end: number,
  textOfPart: (start: number, end: number) => string,
): string {
  const parts: string[] = [];
  eachField(bytes, start, end, (tag, from, to) => {
    if (tag === ELEMENT) parts.push(textOfPart(from, to));
  });
  return parts.join();
}

function pairText(bytes: Uint8Array, start: number, end: number, depth: number): string {
  let key = "";
  let value = "";
  eachField(bytes, start, end, (tag, from, to) => {
    if (tag === KEY) key = textOf(bytes, from, to);
    else if (tag === VALUE) value = valueText(bytes, from, to, depth);
  });
  return `${key}=${value}`;
}

/** Visits the fields of a message up to the first that is not well formed; a number's value is in the reader's halves. */
function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (tag: number, start: number, end: number, reader: WireReader) => void,
): void {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    const from = reader.position;
    if ((tag & 7) !== 2) {
      if (!reader.skip(tag)) return;
      visit(tag, from, reader.position, reader);
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) return;
    visit(tag, reader.position, inner, reader);
    reader.position = inner;
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const RESOURCE_ATTRIBUTE = 0x0a;
const SCOPE_NAME = 0x0a;
const SCOPE_VERSION = 0x12;
const SCOPE_ATTRIBUTE = 0x1a;
const KEY = 0x0a;
const VALUE = 0x12;
const ELEMENT = 0x0a;
