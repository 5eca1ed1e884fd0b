import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { createEngine } from "../../../src/engine/engine.ts";
import type { ImportOutcome } from "../../../src/protocol/engine.ts";
import { temporaryFolder } from "./log/temporary-folder.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute, type JsonSpan } from "./otlp-request.ts";

const onHttp = { sessionId: undefined, channel: "http" } as const;

const NEWLINE = Buffer.from("\n");
const PER_LINE = 100;

/** Some 20 MB in either encoding. */
const SPANS: readonly JsonSpan[] = Array.from({ length: 8000 }, (_, index) =>
  spanOf(index + 1, {
    traceId: ((index >> 2) + 1).toString(16).padStart(32, "0"),
    attributes: [textAttribute("note", "x".repeat(2400))],
  }),
);

function linesOf(spans: readonly JsonSpan[]): Buffer {
  const lines: Buffer[] = [];
  for (let at = 0; at < spans.length; at += PER_LINE)
    lines.push(jsonRequest(spans.slice(at, at + PER_LINE)), NEWLINE);
  return Buffer.concat(lines);
}

test.each([
  ["one request of protobuf", () => protobufRequest(SPANS)],
  ["one object of JSON", () => jsonRequest(SPANS)],
  ["one object of JSON in a line", () => Buffer.concat([jsonRequest(SPANS), NEWLINE])],
  ["many objects, one a line", () => linesOf(SPANS)],
])("requests and searches are served while a large file of %s is opened", async (_what, make) => {
  const engine = createEngine();
  const bytes = make();
  expect(bytes.length).toBeGreaterThan(18e6);
  let outcome: ImportOutcome | undefined;
  const opened = engine.importTraces({ name: "large", bytes }).then((told) => (outcome = told));
  const counts = new Set<number>();
  while (outcome === undefined) {
    counts.add(engine.state.spanCount);
    expect(engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", onHttp).acceptedCount).toBe(1);
    expect(engine.listTraces({ filter: { text: "" }, limit: 1 }).traces).toHaveLength(1);
    await nextTurn();
  }
  await opened;
  expect(counts.size, "turns that found some of the file").toBeGreaterThan(4);
  expect(outcome).toMatchObject({ spanCount: SPANS.length, rejectedCount: 0, problem: undefined });
  expect(outcome.traceIds).toHaveLength(SPANS.length / 4);
  expect(engine.state.spanCount).toBe(SPANS.length + 1);
});

test("nothing as long as a large file is parsed in one go", async () => {
  const parse = vi.spyOn(JSON, "parse");
  try {
    await createEngine().importTraces({ name: "large", bytes: Buffer.concat([jsonRequest(SPANS), NEWLINE]) });
    expect(parse.mock.calls.filter(([text]) => text.length > 1e6)).toEqual([]);
  } finally {
    parse.mockRestore();
  }
});

test("a fault in the middle of a large file is told with its line, and the lines around it are kept", async () => {
  const broken = Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[\n');
  const half = linesOf(SPANS.slice(0, 4000));
  const engine = createEngine();
  const bytes = Buffer.concat([half, broken, linesOf(SPANS.slice(4000))]);
  const { spanCount, problem } = await engine.importTraces({ name: "a.jsonl", bytes });
  expect(spanCount).toBe(SPANS.length);
  expect(problem).toMatchObject({ code: "import-failed" });
  expect(problem?.message).toContain(`a.jsonl: line ${4000 / PER_LINE + 1}: `);
});

test.each([
  ["small", 2],
  ["large", 1000],
])("the spans of a %s file are masked, and not logged: there is the file", async (_what, count) => {
  const folder = await temporaryFolder();
  const place = { folders: [folder], maxBytes: 1e8, maxAgeDays: 1 };
  const bytes = protobufRequest(
    SPANS.slice(0, count).map((span) => ({ ...span, status: { code: 2, message: "Bearer abcd1234efgh" } })),
  );
  const engine = createEngine();
  await engine.openLog(place);
  expect(await engine.importTraces({ name: "a.pb", bytes })).toMatchObject({ spanCount: count });
  expect(Buffer.from(engine.exportTraces({}).json).includes("abcd1234efgh")).toBe(false);
  await engine.dispose();
  const next = createEngine();
  await next.openLog(place);
  expect(next.state.spanCount).toBe(0);
  await next.dispose();
});
