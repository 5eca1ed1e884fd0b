import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect, onTestFinished, test, vi } from "vitest";
import { disposable } from "../../../../src/base/dispose.ts";
import { createEngine, type Engine } from "../../../../src/engine/engine.ts";
import { serveEngine } from "../../../../src/engine/serve-engine.ts";
import type { SessionId, SpanId, SpanRow, TraceId } from "../../../../src/model/ids.ts";
import { Connection, type Port } from "../../../../src/protocol/connection.ts";
import { PanelModel } from "../../../../webview/state/panel-model.ts";
import { INITIAL_STATE } from "../../../../webview/state/saved-state.ts";
import { jsonRequest, spanOf, TRACE } from "../../engine/otlp-request.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const traceId = TRACE as TraceId;

function portOf(port: MessagePort): Port {
  return {
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    listen(receive) {
      port.on("message", receive);
      return disposable(() => port.off("message", receive));
    },
  };
}

/** A panel over an engine, without what the host adds between them. */
function panel(state?: unknown): { readonly engine: Engine; readonly model: PanelModel } {
  const engine = createEngine();
  const { port1, port2 } = new MessageChannel();
  const [here, there] = [new Connection(portOf(port1)), new Connection(portOf(port2))];
  const served = serveEngine(engine, there);
  onTestFinished(async () => {
    served.dispose();
    here.dispose();
    there.dispose();
    port1.close();
    await engine.dispose();
  });
  const store = { getState: () => state, setState: () => undefined };
  return { engine, model: new PanelModel(here, store, () => undefined) };
}

/** What the debugger found at a stop, and what the program sends when the span has ended. */
function found(engine: Engine): SpanRow {
  const [frame] = engine.noteActiveSpan({
    sessionId: SESSION,
    spans: [
      {
        traceId,
        spanId: "0000000000000005" as SpanId,
        name: "GET /stock",
        parentSpanId: undefined,
        startTimeUnixNano: "1700000000000000000",
        ended: false,
        attributes: [],
      },
    ],
    service: "stock",
    atMs: 1_700_000_000_250,
  }).frames;
  return frame?.row ?? (-1 as SpanRow);
}

function exported(engine: Engine): void {
  void engine.sink.traces(jsonRequest([spanOf(5)], "stock"), "json", { sessionId: SESSION, channel: "http" });
}

function follow(model: PanelModel, row: SpanRow): void {
  model.selectTrace(traceId);
  model.selectSpan(row);
}

/** A loaded machine takes its time. */
const PATIENCE = { timeout: 10_000, interval: 5 };
const traceShown = (model: PanelModel): Promise<void> =>
  vi.waitFor(() => expect(model.trace.status).toBe("shown"), PATIENCE);
const shown = async (model: PanelModel, state: string): Promise<void> => {
  await traceShown(model);
  await vi.waitFor(() => expect(model.span.span?.state).toBe(state), PATIENCE);
};
const once = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each<readonly [when: string, play: (engine: Engine, model: PanelModel, row: SpanRow) => Promise<void>]>([
  [
    "after it is shown",
    async (engine, model, row) => {
      follow(model, row);
      await shown(model, "running");
      exported(engine);
    },
  ],
  [
    "while it is asked for",
    async (engine, model, row) => {
      follow(model, row);
      await once();
      exported(engine);
    },
  ],
  [
    "before it is selected",
    async (engine, model, row) => {
      exported(engine);
      follow(model, row);
      await once();
    },
  ],
  [
    "after the trace is shown, while the span is asked for",
    async (engine, model, row) => {
      model.selectTrace(traceId);
      await traceShown(model);
      model.selectSpan(row);
      exported(engine);
      await once();
    },
  ],
])(
  "a span that the panel follows at a stop is told to have ended when its export comes %s",
  async (_, play) => {
    const { engine, model } = panel();
    await play(engine, model, found(engine));
    await shown(model, "ended");
  },
);

test("what is followed comes before the span that was selected when the panel was left", async () => {
  const { engine, model } = panel({ ...INITIAL_STATE, traceId, row: 0 });
  void engine.sink.traces(jsonRequest([spanOf(1)], "stock"), "json", { sessionId: SESSION, channel: "http" });
  const row = found(engine);
  model.start();
  follow(model, row);
  await shown(model, "running");
  expect(model.span.row).toBe(row);
});
