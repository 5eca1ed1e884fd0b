import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { encodeMetricsProtobuf } from "../../../src/engine/query/encode-metrics-protobuf.ts";
import type { RunNumber, SessionId } from "../../../src/model/ids.ts";
import { temporaryFolder } from "./log/temporary-folder.ts";
import { openTestEngine } from "./open-test-engine.ts";
import { at, gaugeOf, labels, metricsBody, metricsRequest, pointsIn } from "./otlp-metrics-request.ts";
import { ask } from "./receive/raw-http.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const HTTP = { sessionId: SESSION, channel: "http" } as const;
const PROTOBUF_TYPE = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

function heldIn(engine: Engine): string[] {
  return pointsIn(encodeMetricsProtobuf(engine.seriesStore).protobuf);
}

const metrics = [
  gaugeOf("load", { timeUnixNano: at(1), asDouble: 0.5 }, { timeUnixNano: at(2), asDouble: 0.75 }),
  { name: "requests", sum: { dataPoints: [{ timeUnixNano: at(2), asInt: "7" }], aggregationTemporality: 2 } },
];

test("metrics arrive over HTTP, in protobuf and in JSON, and are the same", async () => {
  const { engine, url } = await openTestEngine();
  const body = Buffer.from(metricsBody(metrics));
  expect((await ask(`${url}/v1/metrics`, { headers: PROTOBUF_TYPE, body })).status).toBe(200);
  expect(heldIn(engine)).toEqual(pointsIn(metricsBody(metrics)));
  const json = JSON.stringify(metricsRequest(metrics));
  expect((await ask(`${url}/v1/metrics`, { headers: JSON_TYPE, body: json })).status).toBe(200);
  expect(engine.state).toMatchObject({ seriesCount: 2, sampleCount: 3, rejectedCount: 0 });
});

test("data points that are refused are a partial success, by the name that OTLP has for it", async () => {
  const { engine, url } = await openTestEngine();
  const request = metricsRequest([gaugeOf("m", { timeUnixNano: at(1) }, { timeUnixNano: "soon" })]);
  const reply = await ask(`${url}/v1/metrics`, { headers: JSON_TYPE, body: JSON.stringify(request) });
  expect([reply.status, JSON.parse(reply.body.toString())]).toEqual([
    200,
    { partialSuccess: { rejectedDataPoints: "1", errorMessage: expect.stringContaining("data point") } },
  ]);
  expect([engine.state.sampleCount, engine.refusedPointCount]).toEqual([1, 1]);
});

test("metrics are bound to the run of their session, and cleared with the traces", () => {
  const engine = createEngine();
  onTestFinished(() => engine.dispose());
  engine.openSession({ sessionId: SESSION, run: 4 as RunNumber });
  engine.sink.metrics(metricsBody(metrics), "protobuf", HTTP);
  const selector = { matchers: [], run: 4 as RunNumber };
  expect(engine.listSeries({ selector, limit: 10 })).toMatchObject({ value: { matchingCount: 2 } });
  engine.clearStore({ keepPinned: false });
  expect(engine.state).toMatchObject({ seriesCount: 0, sampleCount: 0 });
});

test("metrics take their share of the bound, and the oldest leave", () => {
  const engine = createEngine({ maxBytes: 8 << 20 });
  onTestFinished(() => engine.dispose());
  for (let n = 0; n < 30; n++) {
    const points = Array.from({ length: 100 }, (_, i) => ({
      timeUnixNano: at(n),
      attributes: labels({ id: `${n} ${i}` }),
    }));
    engine.sink.metrics(metricsBody([gaugeOf("m", ...points)]), "protobuf", HTTP);
  }
  expect(engine.seriesStore.bytes).toBeLessThanOrEqual(1 << 20);
  expect(engine.seriesStore.evictedCount).toBeGreaterThan(0);
});

test("what was acknowledged is there again after a restart, without secrets", async () => {
  const folder = await temporaryFolder();
  const withLog = async (): Promise<Engine> => {
    const engine = createEngine();
    onTestFinished(() => engine.dispose());
    await engine.openLog({ folders: [folder], maxBytes: 1e8, maxAgeDays: 7 });
    return engine;
  };
  const first = await withLog();
  first.openSession({ sessionId: SESSION, run: 3 as RunNumber });
  const secret = {
    timeUnixNano: at(3),
    attributes: labels({ password: "hunter2-point" }),
    exemplars: [{ asDouble: 1, filteredAttributes: labels({ token: "hunter2-exemplar" }) }],
  };
  const body = metricsBody([...metrics, gaugeOf("secrets", secret)]);
  expect(await first.sink.metrics(body, "protobuf", HTTP).logged).toBe(true);
  const before = heldIn(first);
  expect(before.join("\n")).not.toContain("hunter2");
  await first.dispose();

  const again = await withLog();
  expect(heldIn(again)).toEqual(before);
  expect(again.state).toMatchObject({ seriesCount: 3, sampleCount: 4 });
  expect(again.listSeries({ selector: { matchers: [], run: 3 as RunNumber }, limit: 10 })).toMatchObject({
    value: { matchingCount: 3 },
  });
  // Sent again by a sender that did not hear the reply.
  again.sink.metrics(metricsBody(metrics), "protobuf", HTTP);
  expect(again.state.sampleCount).toBe(4);
});
