import { WireWriter } from "../src/base/wire-writer.ts";
import { seededRandom } from "./engine-data.ts";

export interface LogLoad {
  readonly records: number;
  readonly recordsPerRequest: number;
  readonly seed: number;
}

const LINES = [
  "cache miss",
  "user logged in",
  "request handled",
  "retrying",
  "connection opened",
  "GET /health",
];
const SEVERITIES = [
  [5, "DEBUG"],
  [9, "INFO"],
  [9, "INFO"],
  [13, "WARN"],
  [17, "ERROR"],
] as const;

/**
 * Requests as logging libraries of web services send them: a third of the bodies are fixed texts, the others have
 * an id or a number in them; six attributes, of which two are different for every record; most records belong to a span.
 */
export function* logRequests({ records, recordsPerRequest, seed }: LogLoad): Iterable<Uint8Array> {
  const random = seededRandom(seed);
  const writer = new WireWriter(1 << 18);
  const ids = new Uint8Array(24);
  for (let made = 0; made < records;) {
    writer.clear();
    const resource = writer.begin(0x0a);
    const message = writer.begin(0x0a);
    writeText(writer, 0x0a, "service.name", `service-${Math.floor(made / 5000) % 8}`);
    writeText(writer, 0x0a, "telemetry.sdk.language", "python");
    writer.end(message);
    const scope = writer.begin(0x12);
    const scopeMessage = writer.begin(0x0a);
    writer.stringField(0x0a, "app.logging");
    writer.end(scopeMessage);
    for (let n = 0; n < recordsPerRequest && made < records; n++, made++) {
      if (made % 8 === 0) for (let i = 0; i < ids.length; i++) ids[i] = Math.floor(random() * 256);
      writeRecord(writer, random, ids, made);
    }
    writer.end(scope);
    writer.end(resource);
    yield writer.written.slice();
  }
}

function writeRecord(writer: WireWriter, random: () => number, ids: Uint8Array, made: number): void {
  const record = writer.begin(0x12);
  const nanos = 1_700_000_000_000_000_000n + BigInt(made) * 250_000n;
  const low = Number(nanos & 0xffff_ffffn);
  const high = Number(nanos >> 32n);
  writer.varint(0x09);
  writer.fixed64(low, high);
  writer.varint(0x59);
  writer.fixed64(low, high);
  const [number, text] = SEVERITIES[Math.floor(random() * SEVERITIES.length)] ?? SEVERITIES[0];
  writer.varint(0x10);
  writer.varint(number);
  writer.stringField(0x1a, text);
  const body = writer.begin(0x2a);
  const line = LINES[Math.floor(random() * LINES.length)] ?? "";
  writer.stringField(
    0x0a,
    made % 3 === 0 ? line : `${line}: order ${Math.floor(random() * 1e9)} in ${made % 977} ms`,
  );
  writer.end(body);
  writeText(writer, 0x32, "logger.name", `app.module${made % 20}`);
  writeText(writer, 0x32, "code.file.path", `/srv/app/module${made % 20}.py`);
  writeText(writer, 0x32, "thread.name", `worker-${made % 8}`);
  writeText(writer, 0x32, "http.route", `/orders/${made % 5}`);
  writeText(writer, 0x32, "request.id", random().toString(36).slice(2).padEnd(11, "0"));
  writeText(writer, 0x32, "user.id", `u-${Math.floor(random() * 1e7)}`);
  writer.varint(0x45);
  writer.fixed32(1);
  if (made % 5 !== 4) {
    writer.bytesField(0x4a, ids, 0, 16);
    writer.bytesField(0x52, ids, 16, 24);
  }
  writer.end(record);
}

function writeText(writer: WireWriter, tag: number, key: string, text: string): void {
  const pair = writer.begin(tag);
  writer.stringField(0x0a, key);
  const value = writer.begin(0x12);
  writer.stringField(0x0a, text);
  writer.end(value);
  writer.end(pair);
}
