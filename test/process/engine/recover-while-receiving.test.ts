import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import type { RunNumber, SessionId, TraceId } from "../../../src/model/ids.ts";
import type { Recovery } from "../../../src/protocol/engine.ts";
import { temporaryFolder } from "../../unit/engine/log/temporary-folder.ts";
import { protobufRequest, spanOf } from "../../unit/engine/otlp-request.ts";
import { ask } from "../../unit/engine/receive/raw-http.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const EARLIER_REQUESTS = 40;
const SPANS_A_REQUEST = 500;
const everything = { filter: { text: "" }, limit: 1000 };

const traceOf = (number: number): TraceId => number.toString(16).padStart(32, "0") as TraceId;

/** The request of that number, of a trace of its own. */
function requestOf(number: number): Buffer {
  const spans = Array.from({ length: SPANS_A_REQUEST }, (_, at) =>
    spanOf(number * SPANS_A_REQUEST + at + 1, { traceId: traceOf(number) }),
  );
  return protobufRequest(spans);
}

interface Recovering {
  readonly engine: Engine;
  readonly recovered: Promise<Recovery>;
  /** Sends that request, and answers when it is acknowledged. */
  readonly send: (number: number) => Promise<void>;
}

/**
 * An engine whose receiver is open while it reads what an earlier one has logged.
 * @param share how much memory it has of what the earlier one's traces took, besides what an empty one takes
 */
async function startRecovering(share = 100): Promise<Recovering> {
  const folder = await temporaryFolder();
  const log = { folders: [folder], maxBytes: 1e9, maxAgeDays: 7 };
  const first = createEngine();
  await first.openLog(log);
  first.openSession({ sessionId: SESSION, run: 3 as RunNumber, name: "shop" });
  let emptyBytes = 0;
  for (let number = 1; number <= EARLIER_REQUESTS; number++) {
    const { logged } = first.sink.traces(requestOf(number), "protobuf", {
      sessionId: SESSION,
      channel: "http",
    });
    await logged;
    if (number === 1) emptyBytes = first.state.bytes;
  }
  // The last of these was pinned, and let the others go.
  first.pinTrace({ traceId: traceOf(EARLIER_REQUESTS), pinned: true });
  const maxBytes = emptyBytes + (first.state.bytes - emptyBytes) * share;
  await first.dispose();

  const engine = createEngine({ maxBytes });
  onTestFinished(() => engine.dispose());
  const recovered = engine.openLog(log);
  const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  const url = `http://127.0.0.1:${opened.value.http}/s/${SESSION}/v1/traces`;
  const headers = { "content-type": "application/x-protobuf" };
  const send = async (number: number): Promise<void> => {
    expect((await ask(url, { headers, body: requestOf(number) })).status).toBe(200);
  };
  return { engine, recovered, send };
}

test("requests are taken while earlier runs are read, and everything is there afterwards, exactly once", async () => {
  const { engine, recovered, send } = await startRecovering();
  // One that is new, one that is being read at that time or soon: sent again, for its reply was lost.
  await send(EARLIER_REQUESTS + 1);
  await send(EARLIER_REQUESTS);
  expect(engine.state.recovering).toBeDefined();
  await recovered;
  expect(engine.state.recovering).toBeUndefined();
  const { traces } = engine.listTraces(everything);
  expect(traces.map(({ spanCount }) => spanCount)).toEqual(
    Array.from({ length: EARLIER_REQUESTS + 1 }, () => SPANS_A_REQUEST),
  );
  // The session was not known yet when its spans came.
  expect(new Set(traces.filter(({ traceId }) => traceId !== traceOf(41)).map(({ run }) => run))).toEqual(
    new Set([3]),
  );
});

test("what is read again makes room for what has arrived since, not the other way round", async () => {
  const { engine, recovered, send } = await startRecovering(0.75);
  await send(EARLIER_REQUESTS + 1);
  expect(engine.state.recovering).toBeDefined();
  await recovered;
  expect(engine.state.evictedCount).toBeGreaterThan(0);
  const held = engine.listTraces(everything).traces.map(({ traceId }) => traceId);
  expect(held).toContain(traceOf(EARLIER_REQUESTS + 1));
  expect(held).toContain(traceOf(EARLIER_REQUESTS));
  expect(held).not.toContain(traceOf(1));
});

test.each([
  { keepPinned: true, left: [EARLIER_REQUESTS, EARLIER_REQUESTS + 1] },
  { keepPinned: false, left: [EARLIER_REQUESTS + 1] },
])(
  "traces that are cleared meanwhile do not come back (keepPinned: $keepPinned)",
  async ({ keepPinned, left }) => {
    const { engine, recovered, send } = await startRecovering();
    engine.clearStore({ keepPinned });
    await send(EARLIER_REQUESTS + 1);
    expect(engine.state.recovering).toBeDefined();
    await recovered;
    const held = engine.listTraces(everything).traces.map(({ traceId }) => traceId);
    expect(held.toSorted()).toEqual(left.map(traceOf));
  },
);

test("a trace that is let go meanwhile is not pinned again by what is read", async () => {
  const { engine, recovered } = await startRecovering();
  engine.pinTrace({ traceId: traceOf(EARLIER_REQUESTS), pinned: false });
  expect(engine.state.recovering).toBeDefined();
  await recovered;
  expect(engine.listTraces(everything).traces.filter(({ pinned }) => pinned)).toEqual([]);
});
