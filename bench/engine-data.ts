import { WireWriter } from "../src/base/wire-writer.ts";

/** A generator of numbers from 0 to 1 that gives the same ones in every run (Mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LoadOptions {
  readonly spans: number;
  readonly spansPerRequest: number;
  readonly spansPerTrace: number;
  readonly seed: number;
  /** Every text of every span is one that nobody has seen before. */
  readonly allNew?: boolean;
}

/**
 * Requests as exporters of web services send them: about 450 bytes a span, nine attributes, of which seven repeat
 * and two (a URL with an id, a request id) are different for every span.
 */
export function* requests({
  spans,
  spansPerRequest,
  spansPerTrace,
  seed,
  allNew = false,
}: LoadOptions): Iterable<Uint8Array> {
  const random = seededRandom(seed);
  const writer = new WireWriter(1 << 18);
  const trace = { id: new Uint8Array(16), root: new Uint8Array(8), parent: new Uint8Array(8) };
  let made = 0;
  while (made < spans) {
    writer.clear();
    const resource = writer.begin(0x0a);
    writeResource(writer, made);
    const scope = writer.begin(0x12);
    const scopeMessage = writer.begin(0x0a);
    writer.stringField(0x0a, "@opentelemetry/instrumentation-http");
    writer.stringField(0x12, "0.223.0");
    writer.end(scopeMessage);
    for (let n = 0; n < spansPerRequest && made < spans; n++, made++) {
      const isRoot = made % spansPerTrace === 0;
      if (isRoot) fill(trace.id, random);
      writeSpan(writer, random, trace, isRoot, made, allNew ? `-${made}` : "");
    }
    writer.end(scope);
    writer.end(resource);
    yield writer.written.slice();
  }
}

function writeResource(writer: WireWriter, made: number): void {
  const mark = writer.begin(0x0a);
  writeText(writer, 0x0a, "service.name", `service-${Math.floor(made / 5000) % 8}`);
  writeText(writer, 0x0a, "service.version", "1.4.2");
  writeText(writer, 0x0a, "telemetry.sdk.language", "nodejs");
  writeText(writer, 0x0a, "host.name", "laptop.local");
  writer.end(mark);
}

const ROUTES = [
  "/cart",
  "/checkout",
  "/product/:id",
  "/search",
  "/login",
  "/api/orders/:id",
  "/health",
  "/img/:name",
];
const METHODS = ["GET", "POST", "PUT", "DELETE"];

function writeSpan(
  writer: WireWriter,
  random: () => number,
  trace: { id: Uint8Array; root: Uint8Array; parent: Uint8Array },
  isRoot: boolean,
  made: number,
  suffix: string,
): void {
  const id = fill(new Uint8Array(8), random);
  const route = pick(ROUTES, random);
  const method = pick(METHODS, random);
  const mark = writer.begin(0x12);
  writer.bytesField(0x0a, trace.id);
  writer.bytesField(0x12, id);
  if (isRoot) trace.root.set(id);
  else writer.bytesField(0x22, random() < 0.3 ? trace.root : trace.parent);
  trace.parent.set(id);
  writer.stringField(0x2a, `${method} ${route}${suffix}`);
  writer.varint(0x30);
  writer.varint(isRoot ? 2 : 3);
  const start = 1_764_000_000_000_000_000n + BigInt(made) * 50_000n;
  writeTime(writer, 0x39, start);
  writeTime(writer, 0x41, start + BigInt(Math.floor(random() ** 4 * 2e9)));
  writeText(writer, 0x4a, "http.request.method", method + suffix);
  writeText(writer, 0x4a, "http.route", route + suffix);
  writeText(writer, 0x4a, "url.full", `http://shop.local:3000${route}?id=${hex(random)}${hex(random)}`);
  writeText(writer, 0x4a, "server.address", `shop.local${suffix}`);
  writeNumber(writer, 0x4a, "server.port", 3000);
  writeNumber(writer, 0x4a, "http.response.status_code", random() < 0.03 ? 500 : 200);
  writeText(writer, 0x4a, "request.id", `${hex(random)}-${hex(random)}`);
  writeText(writer, 0x4a, "user_agent.original", `Mozilla/5.0 (X11; Linux x86_64)${suffix}`);
  writeText(writer, 0x4a, "code.file.path", `/home/dev/shop/src${route.replace(":", "")}.ts${suffix}`);
  writeNumber(writer, 0x4a, "code.line.number", 10 + Math.floor(random() * 90));
  if (random() < 0.02) {
    const status = writer.begin(0x7a);
    writer.stringField(0x12, "upstream timed out");
    writer.varint(0x18);
    writer.varint(2);
    writer.end(status);
  }
  writer.varint(0x85);
  writer.fixed32(0x101);
  writer.end(mark);
}

function writeText(writer: WireWriter, tag: number, key: string, text: string): void {
  const mark = writer.begin(tag);
  writer.stringField(0x0a, key);
  const value = writer.begin(0x12);
  writer.stringField(0x0a, text);
  writer.end(value);
  writer.end(mark);
}

function writeNumber(writer: WireWriter, tag: number, key: string, number: number): void {
  const mark = writer.begin(tag);
  writer.stringField(0x0a, key);
  const value = writer.begin(0x12);
  writer.varint(0x18);
  writer.varint(number);
  writer.end(value);
  writer.end(mark);
}

function writeTime(writer: WireWriter, tag: number, nanos: bigint): void {
  writer.varint(tag);
  writer.fixed64(Number(nanos & 0xffff_ffffn), Number(nanos >> 32n));
}

function fill(bytes: Uint8Array, random: () => number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = 1 + Math.floor(random() * 255);
  return bytes;
}

function hex(random: () => number): string {
  return Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}
