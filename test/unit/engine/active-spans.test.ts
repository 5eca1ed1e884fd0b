import { expect, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import type { RunNumber, SessionId, SpanId, TraceId } from "../../../src/model/ids.ts";
import type { FoundSpan, SpanStack } from "../../../src/model/span-stack.ts";
import { jsonRequest, spanOf, textAttribute, TRACE, type JsonSpan } from "./otlp-request.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const OTHER = "zyxwvutsrqponmlkjihgfe" as SessionId;
/** 250 ms after the spans of {@link spanOf} begin. */
const AT_MS = 1_700_000_000_250;
const RUNNING = { endTimeUnixNano: "0" };

const id = (number: number): SpanId => number.toString(16).padStart(16, "0") as SpanId;
const found = (number: number, more: Partial<FoundSpan> = {}): FoundSpan => ({
  traceId: TRACE as TraceId,
  spanId: id(number),
  name: `found ${number}`,
  parentSpanId: undefined,
  startTimeUnixNano: "1700000000000000000",
  ended: false,
  attributes: [],
  ...more,
});

function send(engine: Engine, service: string, session: SessionId, ...spans: JsonSpan[]): void {
  void engine.sink.traces(jsonRequest(spans, service), "json", { sessionId: session, channel: "http" });
}

function note(engine: Engine, span: FoundSpan, sessionId = SESSION): SpanStack {
  return engine.noteActiveSpan({ sessionId, spans: [span], service: "cart", atMs: AT_MS });
}

test("the stack leads from the active span through all processes to the outermost caller", () => {
  const engine = createEngine();
  send(engine, "api", OTHER, spanOf(1, RUNNING), spanOf(2, { ...RUNNING, parentSpanId: id(1) }));
  send(
    engine,
    "cart",
    SESSION,
    spanOf(3, {
      ...RUNNING,
      parentSpanId: id(2),
      attributes: [textAttribute("code.file.path", "/app/cart.ts"), textAttribute("code.line.number", "12")],
    }),
  );
  const { frames, parentMissing } = note(engine, found(3));
  expect(frames.map(({ service, name }) => `${service}: ${name}`)).toEqual([
    "cart: span 3",
    "api: span 2",
    "api: span 1",
  ]);
  expect(frames[0]).toMatchObject({
    state: "running",
    runningNs: 250_000_000,
    location: { path: "/app/cart.ts", line: 12 },
  });
  expect(parentMissing).toBe(false);
});

test("a span that nobody has sent yet has a row at once, which its export completes", () => {
  const engine = createEngine();
  const { frames, parentMissing } = note(
    engine,
    found(5, { parentSpanId: id(4), attributes: [{ key: "cart.size", value: 3 }] }),
  );
  expect(frames).toMatchObject([
    { name: "found 5", service: "cart", state: "running", runningNs: 250_000_000 },
  ]);
  expect(parentMissing).toBe(true);
  const [frame] = frames;
  expect(frame && engine.readSpan({ row: frame.row })?.attributes).toEqual([{ key: "cart.size", value: 3 }]);

  // Its exporter knows kind and start better.
  send(
    engine,
    "cart-service",
    SESSION,
    spanOf(5, { startTimeUnixNano: "1700000000000000123", parentSpanId: id(4) }),
  );
  expect(engine.state).toMatchObject({ spanCount: 1 });
  expect(frame && engine.readSpan({ row: frame.row })).toMatchObject({
    name: "span 5",
    service: "cart-service",
    state: "ended",
    startTimeUnixNano: "1700000000000000123",
  });
});

test("the same span found at the next stop is no second one", () => {
  const engine = createEngine();
  const [first] = note(engine, found(1)).frames;
  const [second] = note(engine, found(1)).frames;
  expect([second?.row, engine.state.spanCount]).toEqual([first?.row, 1]);
});

const foundAtStop = (engine: Engine): void => void note(engine, found(5));
const begun = (engine: Engine): void => send(engine, "cart", SESSION, spanOf(5, { ...RUNNING, kind: 2 }));
const exported = (engine: Engine): void => send(engine, "cart", SESSION, spanOf(5, { kind: 2 }));
const exportedElsewhere = (engine: Engine): void => send(engine, "cart", OTHER, spanOf(5, { kind: 2 }));
/** As the log of an earlier engine brings it, or one that waited while the export was taken. */
const foundLate = (engine: Engine): void =>
  void engine.sink.traces(jsonRequest([spanOf(5, RUNNING)], "cart"), "json", {
    sessionId: SESSION,
    channel: "debugger",
  });

test.each<readonly [order: string, steps: readonly ((engine: Engine) => void)[]]>([
  ["found, exported", [foundAtStop, exported]],
  ["exported, found", [exported, foundAtStop]],
  ["exported, found, but taken later than it was asked for", [exported, foundLate]],
  ["found, begun, exported", [foundAtStop, begun, exported]],
  ["begun, found, exported", [begun, foundAtStop, exported]],
  ["begun, exported, found", [begun, exported, foundLate]],
  ["found, exported, begun", [foundAtStop, exported, begun]],
  ["found, exported in another session", [foundAtStop, exportedElsewhere]],
  ["exported in another session, found", [exportedElsewhere, foundAtStop]],
  ["exported in another session, found, but taken later", [exportedElsewhere, foundLate]],
  [
    "found, its session over, exported",
    [foundAtStop, (engine) => engine.closeSession({ sessionId: SESSION }), exported],
  ],
])("whatever comes first, a span is one, and has ended: %s", (_, steps) => {
  const engine = createEngine();
  for (const step of steps) step(engine);
  const { frames } = note(engine, found(5));
  expect(frames).toMatchObject([{ state: "ended", name: "span 5" }]);
  expect(engine.state.spanCount).toBe(1);
  expect(engine.listUnfinished({ limit: 9, atMs: AT_MS }).count).toBe(0);
});

test("a span of which nothing but its ids is known gets no row: no export would complete it", () => {
  const engine = createEngine();
  expect(note(engine, found(5, { name: "", startTimeUnixNano: "0" })).frames).toEqual([]);
  expect(engine.state.spanCount).toBe(0);
});

test("what was found and never exported ends with its session", () => {
  const engine = createEngine();
  const [frame] = note(engine, found(1)).frames;
  engine.closeSession({ sessionId: SESSION });
  expect(frame && engine.readSpan({ row: frame.row })?.state).toBe("lost");
});

test("spans that name each other as parents make no endless stack", () => {
  const engine = createEngine();
  send(engine, "cart", SESSION, spanOf(1, { parentSpanId: id(2) }), spanOf(2, { parentSpanId: id(1) }));
  expect(note(engine, found(1)).frames.map(({ spanId }) => spanId)).toEqual([id(1), id(2)]);
});

test("where the calling span has not arrived, the one that runs in another process is taken for it, and said to be a guess", () => {
  const engine = createEngine();
  const later = "1700000000100000000";
  const begun = { ...RUNNING, startTimeUnixNano: later };
  send(engine, "api", OTHER, spanOf(1, RUNNING), spanOf(2, { ...begun, parentSpanId: id(1) }));
  // Its parent is a span of the api that nobody has sent.
  const { frames, parentMissing } = note(
    engine,
    found(5, { parentSpanId: id(99), startTimeUnixNano: "1700000000200000000" }),
  );
  expect(frames.map(({ name, guessedCaller }) => [name, guessedCaller])).toEqual([
    ["found 5", false],
    ["span 2", true],
    ["span 1", false],
  ]);
  expect(parentMissing).toBe(false);
});

interface Other {
  readonly id: number;
  readonly session: SessionId;
  readonly service: string;
  readonly start: string;
  readonly kind?: number;
  readonly attributes?: NonNullable<JsonSpan["attributes"]>;
  readonly channel?: "http" | "agent";
  readonly parentSpanId?: string;
}

const THIRD = "thirdthirdthirdthirdth" as SessionId;
const CLIENT = 3;
/** In the order in which they begin. */
const [FIRST, SECOND] = ["1700000000010000000", "1700000000020000000"];
const port = (number: number): NonNullable<JsonSpan["attributes"]> => [
  { key: "server.port", value: { intValue: String(number) } },
];

test.each<readonly [why: string, others: readonly Other[], caller: string]>([
  [
    "the process without the agent, as one with it would have told of its call",
    [
      { id: 1, session: OTHER, service: "pricing", start: FIRST },
      { id: 2, session: THIRD, service: "web", start: SECOND, channel: "agent" },
    ],
    "span 1",
  ],
  [
    "the client's span that names the port of the called one, though another began later",
    [
      { id: 1, session: OTHER, service: "web", start: FIRST, kind: CLIENT, attributes: port(4642) },
      { id: 2, session: THIRD, service: "pricing", start: SECOND },
    ],
    "span 1",
  ],
  [
    "the same by its URL",
    [
      {
        id: 1,
        session: OTHER,
        service: "web",
        start: FIRST,
        kind: CLIENT,
        attributes: [textAttribute("http.url", "http://localhost:4642/stock/lamp")],
      },
      { id: 2, session: THIRD, service: "pricing", start: SECOND },
    ],
    "span 1",
  ],
  [
    "not a client's span that names another port",
    [
      { id: 1, session: OTHER, service: "pricing", start: FIRST },
      { id: 2, session: THIRD, service: "web", start: SECOND, kind: CLIENT, attributes: port(4641) },
    ],
    "span 1",
  ],
  [
    "not a client's span whose callee has arrived",
    [
      { id: 1, session: OTHER, service: "pricing", start: FIRST, parentSpanId: id(2) },
      { id: 2, session: THIRD, service: "web", start: SECOND, kind: CLIENT },
    ],
    "span 1",
  ],
  [
    "a call to a place of which nothing has arrived, before the request that it is made in",
    [
      { id: 1, session: OTHER, service: "web", start: FIRST, channel: "agent" },
      {
        id: 2,
        session: OTHER,
        service: "web",
        start: SECOND,
        kind: CLIENT,
        attributes: port(4641),
        channel: "agent",
        parentSpanId: id(1),
      },
    ],
    "span 2",
  ],
  [
    "not a query of a database",
    [
      { id: 1, session: OTHER, service: "web", start: FIRST, channel: "agent" },
      {
        id: 2,
        session: OTHER,
        service: "web",
        start: SECOND,
        kind: CLIENT,
        attributes: [...port(5432), textAttribute("db.system.name", "postgresql")],
        channel: "agent",
        parentSpanId: id(1),
      },
    ],
    "span 1",
  ],
  [
    "one of its own process, unless that answers a call",
    [
      { id: 1, session: SESSION, service: "cart", start: FIRST },
      { id: 2, session: OTHER, service: "pricing", start: SECOND },
    ],
    "span 1",
  ],
])("the caller that is guessed is %s", (_, others, caller) => {
  const engine = createEngine();
  for (const { id: number, session, service, start, kind, attributes, channel, parentSpanId } of others) {
    const span = spanOf(number, {
      ...RUNNING,
      startTimeUnixNano: start,
      ...(kind !== undefined && { kind }),
      ...(attributes !== undefined && { attributes }),
      ...(parentSpanId !== undefined && { parentSpanId }),
    });
    void engine.sink.traces(jsonRequest([span], service), "json", {
      sessionId: session,
      channel: channel ?? "http",
    });
  }
  const [, guessed] = note(
    engine,
    found(50, {
      parentSpanId: id(99),
      startTimeUnixNano: "1700000000200000000",
      attributes: [{ key: "server.port", value: 4642 }],
    }),
  ).frames;
  expect(guessed).toMatchObject({ name: caller, guessedCaller: true });
});

test("the callers within the process that were found with the active span have rows too", () => {
  const engine = createEngine();
  const { frames } = engine.noteActiveSpan({
    sessionId: SESSION,
    spans: [found(3, { parentSpanId: id(2) }), found(2, { parentSpanId: id(1) }), found(1)],
    service: "stock",
    atMs: AT_MS,
  });
  expect(frames.map(({ name }) => name)).toEqual(["found 3", "found 2", "found 1"]);
});

const at = (path: string, line: number): NonNullable<JsonSpan["attributes"]> => [
  textAttribute("code.file.path", path),
  textAttribute("code.line.number", String(line)),
];

test("where the program cannot be asked, the unfinished span of the innermost function is guessed, the latest of several", () => {
  const engine = createEngine();
  const later = "1700000000100000000";
  send(
    engine,
    "cart",
    SESSION,
    spanOf(1, { ...RUNNING, attributes: at("/app/cart.ts", 12) }),
    spanOf(2, { ...RUNNING, attributes: at("/app/cart.ts", 14), startTimeUnixNano: later }),
    spanOf(3, { ...RUNNING, attributes: at("/app/server.ts", 5), startTimeUnixNano: later }),
    spanOf(4, { attributes: at("/app/cart.ts", 13), startTimeUnixNano: later }),
  );
  send(
    engine,
    "cart",
    OTHER,
    spanOf(6, { ...RUNNING, attributes: at("/app/cart.ts", 12), startTimeUnixNano: later }),
  );
  const guess = (
    ...places: (readonly [path: string, firstLine: number, lastLine: number])[]
  ): string | undefined =>
    engine.guessActiveSpan({
      sessionId: SESSION,
      places: places.map(([path, firstLine, lastLine]) => ({ path, firstLine, lastLine })),
      atMs: AT_MS,
    })?.frames[0]?.name;
  expect(guess(["/app/cart.ts", 10, 20], ["/app/server.ts", 1, 9])).toBe("span 2");
  expect(guess(["/app/db.ts", 1, 99], ["/app/server.ts", 1, 9])).toBe("span 3");
  expect(guess(["/app/db.ts", 1, 99])).toBeUndefined();
});

test("the unfinished span of the process is guessed where it came without the session", () => {
  const engine = createEngine();
  const span = spanOf(1, { ...RUNNING, attributes: at("/app/cart.ts", 12) });
  const body = jsonRequest([span], "cart", [{ key: "process.pid", value: { intValue: "4711" } }]);
  void engine.sink.traces(body, "json", { sessionId: OTHER, channel: "http" });
  const places = [{ path: "/app/cart.ts", firstLine: 10, lastLine: 20 }];
  const guess = (processId: number | undefined): string | undefined =>
    engine.guessActiveSpan({ sessionId: SESSION, processId, places, atMs: AT_MS })?.frames[0]?.name;
  expect([4711, 4712, undefined].map(guess)).toEqual(["span 1", undefined, undefined]);
});

test("what is unfinished is listed with the longest running first, and counted", () => {
  const engine = createEngine();
  send(
    engine,
    "cart",
    SESSION,
    spanOf(1),
    spanOf(2, { ...RUNNING, startTimeUnixNano: "1700000000100000000" }),
    spanOf(3, RUNNING),
  );
  const { spans, count } = engine.listUnfinished({ limit: 1, atMs: AT_MS });
  expect([spans.map(({ name, sessionId, runningNs }) => [name, sessionId, runningNs]), count]).toEqual([
    [["span 3", SESSION, 250_000_000]],
    2,
  ]);
});

test("what nobody will end does not hang: a file's spans, those of a session that is over, and after ten minutes of silence", () => {
  const engine = createEngine();
  const opened = (sessionId: SessionId): void => {
    engine.openSession({ sessionId, run: 1 as RunNumber, name: "cart" });
  };
  const counts = (): readonly number[] =>
    [AT_MS, AT_MS + 601_000].map((atMs) => engine.listUnfinished({ limit: 9, atMs }).count);
  const body = jsonRequest([spanOf(1, { ...RUNNING, traceId: "0af7651916cd43dd8448eb211c80319d" })]);
  void engine.sink.traces(body, "json", { sessionId: undefined, channel: "file" });
  expect(counts()).toEqual([0, 0]);
  send(engine, "stranger", OTHER, spanOf(2, { ...RUNNING, traceId: "0af7651916cd43dd8448eb211c80319e" }));
  expect(counts()).toEqual([1, 0]);
  opened(SESSION);
  send(engine, "cart", SESSION, spanOf(3, RUNNING));
  expect(counts()).toEqual([2, 1]);
  engine.closeSession({ sessionId: SESSION });
  expect(counts()).toEqual([1, 0]);
  opened(SESSION);
  expect(counts()).toEqual([2, 1]);
});
