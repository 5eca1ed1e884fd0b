import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { disposable } from "../../../src/base/dispose.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { serveEngine } from "../../../src/engine/serve-engine.ts";
import type { RunNumber, TraceId } from "../../../src/model/ids.ts";
import { Connection, type Port } from "../../../src/protocol/connection.ts";
import {
  listCodeSources,
  listTraces,
  openTrace,
  readCodeIndex,
  readState,
} from "../../../src/protocol/engine.ts";
import { addSpan, idOf, NOW_MS } from "./query/filled-store.ts";

function portOf(port: MessagePort): Port {
  return {
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    listen(receive) {
      port.on("message", receive);
      return disposable(() => port.off("message", receive));
    },
  };
}

/** An engine with 12,000 spans, asked over a link. */
function askedEngine(): Connection {
  const engine = createEngine({ maxBytes: 1e9, now: () => NOW_MS });
  for (let n = 0; n < 12_000; n++) {
    addSpan(engine.store, {
      trace: (n % 250) + 1,
      id: (n % 251) + 1,
      startMs: n,
      name: n === 5 ? "needle" : "hay",
      run: n < 6000 ? 1 : 2,
      attributes: { "code.file.path": "/src/a.ts", "code.line.number": 1 + (n % 3) },
    });
  }
  const { port1, port2 } = new MessageChannel();
  const here = new Connection(portOf(port1));
  const there = new Connection(portOf(port2));
  const served = serveEngine(engine, there);
  onTestFinished(async () => {
    served.dispose();
    here.dispose();
    there.dispose();
    port1.close();
    await engine.dispose();
  });
  return here;
}

test("questions about much are answered over the link", async () => {
  const link = askedEngine();
  const list = await link.ask(listTraces, { filter: { text: "needle" }, limit: 10 });
  expect(list).toMatchObject({ ok: true, value: { matchingCount: 1, spanCount: 12_000 } });
  // Asked ten seconds after the first span.
  expect(await link.ask(listTraces, { filter: { text: "time<=-9.9s" }, limit: 10 })).toMatchObject({
    ok: true,
    value: { matchingCount: 101 },
  });
  const opened = await link.ask(openTrace, { traceId: idOf(6), unlessVersion: undefined });
  expect(opened).toMatchObject({ ok: true, value: { spanCount: 48 } });
  const index = await link.ask(readCodeIndex, {
    path: "/src/a.ts",
    run: 2 as RunNumber,
    withFailedInPause: undefined,
  });
  expect(index.ok && index.value.map(({ line, count }) => [line, count])).toEqual([
    [1, 2000],
    [2, 2000],
    [3, 2000],
  ]);
  const sources = await link.ask(listCodeSources, {});
  expect(sources.ok && sources.value.map(({ path, run }) => [path, run])).toEqual([
    ["/src/a.ts", 1],
    ["/src/a.ts", 2],
  ]);
  expect(
    await link.ask(openTrace, { traceId: "0".repeat(31).concat("1") as TraceId, unlessVersion: undefined }),
  ).toEqual({
    ok: true,
    value: undefined,
  });
});

test("a search that is cancelled ends, and others get their answers", async () => {
  const link = askedEngine();
  const abort = new AbortController();
  const searches = Array.from({ length: 8 }, () =>
    link.ask(listTraces, { filter: { text: "nowhere hay" }, limit: 10 }, abort.signal),
  );
  abort.abort();
  for (const search of searches)
    expect(await search).toMatchObject({ ok: false, error: { code: "cancelled" } });
  expect(await link.ask(readState, {})).toMatchObject({ ok: true, value: { spanCount: 12_000 } });
});
