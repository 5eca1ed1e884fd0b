import { constants, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { SpanRow, TraceId } from "../../../src/model/ids.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { openTestEngine, spanNames } from "./open-test-engine.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute, TRACE, type JsonSpan } from "./otlp-request.ts";
import { ask, connectTo, readUntil, type Reply } from "./receive/raw-http.ts";
import { decodeReply } from "./receive/reply-types.ts";

/** Hostile requests, each with what is answered and with the good spans of the same request that have to be there. */

const TYPES = { json: "application/json", protobuf: "application/x-protobuf" } as const;
type Encoding = keyof typeof TYPES;
const ENCODINGS: readonly Encoding[] = ["protobuf", "json"];
const GOOD = [spanOf(1), spanOf(2)];
const MIB = 1024 * 1024;

function encode(encoding: Encoding, spans: readonly JsonSpan[]): Buffer {
  return encoding === "json" ? jsonRequest(spans) : protobufRequest(spans);
}

function send(url: string, encoding: Encoding, body: Uint8Array, headers = {}): Promise<Reply> {
  return ask(`${url}/v1/traces`, { headers: { "content-type": TYPES[encoding], ...headers }, body });
}

function rejectedIn(reply: Reply, encoding: Encoding): number {
  if (encoding === "json") {
    const { partialSuccess } = JSON.parse(reply.body.toString());
    return Number(partialSuccess?.rejectedSpans ?? 0);
  }
  const { partialSuccess } = decodeReply("ExportResponse", reply.body) as {
    partialSuccess?: { rejected?: number };
  };
  return partialSuccess?.rejected ?? 0;
}

function detailsOf(engine: Engine, name: string) {
  const columns = engine.openTrace({ traceId: TRACE as TraceId });
  const row = columns?.row[spanNames(engine).indexOf(name)];
  return row === undefined ? undefined : engine.readSpan({ row: row as SpanRow });
}

describe.each(ENCODINGS)("%s", (encoding) => {
  test.each<[string, JsonSpan]>([
    ["a trace id that is too short", { traceId: "5b8efff798038103" }],
    ["a trace id that is too long", { traceId: `${TRACE}00` }],
    ["no trace id", { traceId: "" }],
    ["a trace id of zeros", { traceId: "0".repeat(32) }],
    ["a span id that is too short", { spanId: "00ab" }],
    ["a span id that is too long", { spanId: "00".repeat(9) }],
    ["no span id", { spanId: "" }],
    ["a span id of zeros", { spanId: "0".repeat(16) }],
  ])("a span with %s is refused by itself", async (_what, fault) => {
    const { engine, url } = await openTestEngine();
    const reply = await send(url, encoding, encode(encoding, [spanOf(1), spanOf(9, fault), spanOf(2)]));
    expect(reply.status).toBe(200);
    expect(rejectedIn(reply, encoding)).toBe(1);
    expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
    expect(engine.state.rejectedCount).toBe(1);
  });

  test("a span named as markup, and one of a megabyte's attribute, are kept to the letter", async () => {
    const { engine, url } = await openTestEngine();
    const markup = '<img src=x onerror="alert(1)">';
    const long = "ä".repeat(MIB / 2);
    const spans = [
      ...GOOD,
      spanOf(3, { name: markup }),
      spanOf(4, { attributes: [textAttribute("sql", long)] }),
    ];
    const reply = await send(url, encoding, encode(encoding, spans));
    expect([reply.status, rejectedIn(reply, encoding)]).toEqual([200, 0]);
    expect(spanNames(engine)).toEqual(["span 1", "span 2", markup, "span 4"]);
    expect(detailsOf(engine, "span 4")?.attributes).toEqual([{ key: "sql", value: long }]);
  });

  test("paths and commands as locations are only text", async () => {
    const { engine, url } = await openTestEngine();
    const paths = ["../../etc/passwd", "command:workbench.action.terminal.new", "javascript:alert(1)"];
    const spans = paths.map((path, index) =>
      spanOf(index + 1, { attributes: [textAttribute("code.file.path", path)] }),
    );
    expect((await send(url, encoding, encode(encoding, spans))).status).toBe(200);
    expect(paths.map((_, index) => detailsOf(engine, `span ${index + 1}`)?.locations[0]?.path)).toEqual(
      paths,
    );
  });

  test("a body that is cut off is 400, wherever it is cut, and harms nothing that follows", async () => {
    const { engine, url } = await openTestEngine();
    const body = encode(encoding, GOOD);
    for (const length of [1, 7, body.length >> 1, body.length - 1]) {
      const reply = await send(url, encoding, body.subarray(0, length));
      expect([length, reply.status]).toEqual([length, 400]);
      const status =
        encoding === "json" ? JSON.parse(reply.body.toString()) : decodeReply("Status", reply.body);
      expect(status).toMatchObject({ code: 3, message: expect.stringMatching(/./) });
    }
    expect((await send(url, encoding, body)).status).toBe(200);
    expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
  });

  test("a gzip bomb is 413, and what is sent beside it arrives", async () => {
    const { engine, url } = await openTestEngine();
    const [bomb, good] = await Promise.all([
      send(url, encoding, gzipBomb(), { "content-encoding": "gzip" }),
      send(url, encoding, gzipSync(encode(encoding, GOOD)), { "content-encoding": "gzip" }),
    ]);
    expect([bomb.status, good.status]).toEqual([413, 200]);
    expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
  });

  test("a body one byte over 64 MiB is 413", async () => {
    const { engine, url } = await openTestEngine();
    expect((await send(url, encoding, Buffer.alloc(64 * MIB + 1))).status).toBe(413);
    expect((await send(url, encoding, encode(encoding, GOOD))).status).toBe(200);
    expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
  });

  test("Host: evil.example is 403 and leaves nothing", async () => {
    const { engine, url } = await openTestEngine();
    const reply = await send(url, encoding, encode(encoding, GOOD), { host: "evil.example" });
    expect(reply.status).toBe(403);
    expect(engine.state.spanCount).toBe(0);
  });

  test("a wrong content type is 415 and leaves nothing", async () => {
    const { engine, url } = await openTestEngine();
    const headers = { "content-type": "text/plain" };
    expect((await send(url, encoding, encode(encoding, GOOD), headers)).status).toBe(415);
    expect(engine.state.spanCount).toBe(0);
  });

  test("a body of the other encoding is 400", async () => {
    const { engine, url } = await openTestEngine();
    const other = encode(encoding === "json" ? "protobuf" : "json", GOOD);
    expect((await send(url, encoding, other)).status).toBe(400);
    expect(engine.state.spanCount).toBe(0);
  });

  test("an attribute nested 10,000 deep costs at most its span", async () => {
    const { engine, url } = await openTestEngine();
    const body = encoding === "json" ? deepJson(10_000) : deepProtobuf(10_000);
    const reply = await send(url, encoding, body);
    expect(reply.status).toBe(200);
    expect(spanNames(engine)).toEqual(expect.arrayContaining(["span 1", "span 2"]));
    expect(engine.state.spanCount + rejectedIn(reply, encoding)).toBe(3);
    // Whatever was kept of it has to be readable, findable and exportable as well.
    for (const name of spanNames(engine)) expect(detailsOf(engine, name)?.name).toBe(name);
    engine.findSpans({ traceId: TRACE as TraceId, text: "deep" });
    expect(engine.exportTraces({}).spanCount).toBe(engine.state.spanCount);
  });
});

test("half-open connections do not keep others from sending", async () => {
  const { engine, ports, url } = await openTestEngine({
    limits: { headersTimeoutMs: 500, requestTimeoutMs: 500 },
  });
  const idle = await Promise.all(Array.from({ length: 50 }, () => connectTo(ports.http)));
  const closed = idle.map((socket) => readUntil(socket));
  for (const socket of idle) socket.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  expect((await send(url, "protobuf", protobufRequest(GOOD))).status).toBe(200);
  await Promise.all(closed);
  expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
});

test("a good span stays where the message around it turns out to be broken", async () => {
  const { engine, url } = await openTestEngine();
  const body = Buffer.concat([protobufRequest(GOOD), Buffer.of(0x0a, 0x7f, 0x12)]);
  expect((await send(url, "protobuf", body)).status).toBe(400);
  expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
});

test.each([
  ["resources", `{"resourceSpans":[${"{},".repeat(3 * MIB)}{}]}`, 200],
  ["arrays in a field that is not known", `{"unknown":[${"[],".repeat(3 * MIB)}[]]}`, 200],
  ["arrays in each other", `{"unknown":${"[".repeat(9 * MIB)}`, 400],
])("JSON of millions of empty %s is read without making objects of them", async (_what, text, status) => {
  const { engine, url } = await openTestEngine();
  const before = process.memoryUsage().heapUsed;
  expect((await send(url, "json", Buffer.from(text))).status).toBe(status);
  // As objects they would take more than 100 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * MIB);
  expect((await send(url, "json", jsonRequest(GOOD))).status).toBe(200);
  expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
});

test("JSON values of other types than the schema's cost their span or are left out", async () => {
  const { engine, url } = await openTestEngine();
  const odd = [
    null,
    7,
    "span",
    [],
    { ...spanOf(3), traceId: 7 },
    { ...spanOf(4), startTimeUnixNano: "yesterday" },
  ];
  const reply = await send(url, "json", jsonRequest([...GOOD, ...odd]));
  expect(reply.status).toBe(200);
  expect(spanNames(engine)).toEqual(expect.arrayContaining(["span 1", "span 2"]));
  expect(rejectedIn(reply, "json")).toBe(odd.length + GOOD.length - engine.state.spanCount);
  expect(rejectedIn(reply, "json")).toBeGreaterThanOrEqual(5);
});

/** About 100 KiB that unfold to 100 MiB. */
function gzipBomb(): Buffer {
  const level = { level: constants.Z_BEST_SPEED };
  const piece = gzipSync(Buffer.alloc(10 * MIB), level);
  return Buffer.concat(Array.from({ length: 10 }, () => piece));
}

function deepJson(depth: number): Buffer {
  const value = `${'{"arrayValue":{"values":['.repeat(depth)}{"stringValue":"bottom"}${"]}}".repeat(depth)}`;
  const deep = JSON.stringify(spanOf(3, { attributes: [{ key: "deep", value: "VALUE" }] })).replace(
    '"VALUE"',
    value,
  );
  return Buffer.from(
    jsonRequest([...GOOD, "DEEP"])
      .toString()
      .replace('"DEEP"', deep),
  );
}

/** Messages are written from the inside out: each level is its length and what it holds. */
function deepProtobuf(depth: number): Buffer {
  let value = field(0x0a, Buffer.from("bottom"));
  for (let level = 0; level < depth; level++) value = field(0x2a, field(0x0a, value));
  const attribute = Buffer.concat([field(0x0a, Buffer.from("deep")), field(0x12, value)]);
  const span = Buffer.concat([
    field(0x0a, Buffer.from(TRACE, "hex")),
    field(0x12, Buffer.from("0000000000000003", "hex")),
    field(0x2a, Buffer.from("span 3")),
    field(0x4a, attribute),
  ]);
  return Buffer.concat([field(0x0a, field(0x12, field(0x12, span))), protobufRequest(GOOD)]);
}

function field(tag: number, content: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    if (rest < 0x80) {
      length.push(rest);
      break;
    }
    length.push((rest & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}
