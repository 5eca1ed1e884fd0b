import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { encodeTracesProtobuf } from "../../../src/engine/query/encode-protobuf.ts";
import { temporaryFolder } from "./log/temporary-folder.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute, type JsonSpan } from "./otlp-request.ts";

const onHttp = { sessionId: undefined, channel: "http" } as const;
const PASSWORD = "hunter2hunter2";

/** Spans of several megabytes: more than fits into one slice. */
function manySpans(count: number): JsonSpan[] {
  return Array.from({ length: count }, (_, index) =>
    spanOf(index + 1, {
      traceId: (index + 1).toString(16).padStart(32, "0"),
      attributes: [
        textAttribute("http.route", `/items/${index % 7}`),
        textAttribute("user.password", PASSWORD),
        textAttribute("note", "x".repeat(300)),
      ],
    }),
  );
}

function heldBy(engine: Engine): Buffer {
  return Buffer.from(encodeTracesProtobuf(engine.store).protobuf);
}

test.each([
  ["protobuf", protobufRequest],
  ["json", jsonRequest],
] as const)("a large request of %s is taken in slices as it is at once", async (encoding, make) => {
  const [whole, sliced] = [createEngine(), createEngine()];
  const spans = manySpans(9000);
  const atOnce = whole.sink.traces(make(spans), encoding, onHttp);
  const inSlices = await sliced.sink.takeInSlices("traces", make(spans), encoding, onHttp);
  expect(inSlices).toEqual(atOnce);
  expect(inSlices).toMatchObject({ acceptedCount: 9000, rejectedCount: 0, malformed: false });
  expect(heldBy(sliced).equals(heldBy(whole))).toBe(true);
  expect(heldBy(sliced).includes(PASSWORD)).toBe(false);
});

test("small requests and searches are served between the slices of a large one", async () => {
  const engine = createEngine();
  const body = protobufRequest(manySpans(20_000));
  const done = new AbortController();
  const large = engine.sink.takeInSlices("traces", body, "protobuf", onHttp).then(() => done.abort());
  const counts: number[] = [];
  while (!done.signal.aborted) {
    counts.push(engine.state.spanCount);
    expect(engine.sink.traces(protobufRequest([spanOf(77)]), "protobuf", onHttp).acceptedCount).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await large;
  expect(new Set(counts).size).toBeGreaterThan(4);
  expect(engine.state.spanCount).toBe(20_001);
  // What is masked in the body that goes to the log is masked in every slice.
  expect(body.includes(PASSWORD)).toBe(false);
});

test("two large requests are taken side by side, and both are whole", async () => {
  const engine = createEngine();
  const spans = manySpans(12_000);
  const bodies = [spans.slice(0, 6000), spans.slice(6000)].map((part) => protobufRequest(part));
  const taken = await Promise.all(
    bodies.map((body) => engine.sink.takeInSlices("traces", body, "protobuf", onHttp)),
  );
  expect(taken.map(({ acceptedCount }) => acceptedCount)).toEqual([6000, 6000]);
  expect(engine.state.spanCount).toBe(12_000);
});

test("a fault behind the first slice is told, and what came before it is kept", async () => {
  const engine = createEngine();
  const body = protobufRequest(manySpans(9000));
  const cut = body.subarray(0, -1000);
  const taken = await engine.sink.takeInSlices("traces", cut, "protobuf", onHttp);
  expect(taken).toMatchObject({ malformed: true, rejectedCount: 1, logged: undefined });
  expect(taken.acceptedCount).toBeGreaterThan(8900);
  expect(engine.state.spanCount).toBe(taken.acceptedCount);
});

test("what was known before redaction was asked for is looked through afterwards", () => {
  const engine = createEngine({ redaction: { enabled: false, keys: [] } });
  const send = (id: number): Uint8Array => {
    const body = protobufRequest([spanOf(id, { attributes: [textAttribute("pin.code", "s3cret-code")] })]);
    engine.sink.traces(body, "protobuf", onHttp);
    return body;
  };
  send(1);
  expect(Buffer.from(send(2)).includes("s3cret-code")).toBe(true);
  engine.configure({ maxBytes: 1e9, redaction: { enabled: true, keys: ["pin.code"] } });
  expect(Buffer.from(send(3)).includes("s3cret-code")).toBe(false);
  expect(Buffer.from(send(4)).includes("s3cret-code")).toBe(false);
});

test("secrets of a resource that has no spans do not reach the log either", async () => {
  const folder = await temporaryFolder();
  const engine = createEngine();
  await engine.openLog({ folders: [folder], maxBytes: 1e8, maxAgeDays: 1 });
  const attributes = [textAttribute("user.password", "hunter2hunter2")];
  const empty = { resource: { attributes }, scopeSpans: [{ scope: { attributes } }] };
  const { resourceSpans: all } = JSON.parse(jsonRequest([spanOf(1)]).toString()) as {
    resourceSpans: { scopeSpans: object[] }[];
  };
  const [held] = all;
  const partlyHeld = { ...held, scopeSpans: [...empty.scopeSpans, ...(held?.scopeSpans ?? [])] };
  for (const resourceSpans of [[empty, held], [held, empty], [partlyHeld]])
    await engine.sink.traces(Buffer.from(JSON.stringify({ resourceSpans })), "json", onHttp).logged;
  await engine.dispose();
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const logged = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "latin1")),
  );
  expect(logged.join("")).toContain("***");
  expect(logged.join("")).not.toContain("hunter2");
});
