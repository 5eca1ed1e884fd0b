import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { createEngine } from "../../../src/engine/engine.ts";
import { encodeLogsJson } from "../../../src/engine/query/encode-logs-json.ts";
import { encodeMetricsJson } from "../../../src/engine/query/encode-metrics-json.ts";
import { logOf, logsBody } from "../../unit/engine/otlp-logs-request.ts";
import { gaugeOf, metricsBody } from "../../unit/engine/otlp-metrics-request.ts";
import { protobufRequest, spanOf } from "../../unit/engine/otlp-request.ts";

const SENDERS = 4;
export const SPANS_A_REQUEST = 20;

/** All that was acknowledged, and nothing else, is in the session log of this folder, each once. */
export async function expectAllAcknowledged(senders: Senders, folder: string): Promise<void> {
  const engine = createEngine({ maxBytes: 1e9 });
  const recovery = await engine.openLog({ folders: [folder], maxBytes: 1e9, maxAgeDays: 7 });
  onTestFinished(() => engine.dispose());
  const { resourceSpans } = JSON.parse(Buffer.from(engine.exportTraces({}).json).toString());
  const present: string[] = resourceSpans.flatMap(
    (resource: { scopeSpans: { spans: { spanId: string }[] }[] }) =>
      resource.scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)),
  );
  expect(recovery.problems).toEqual([]);
  expect(present.toSorted()).toEqual(senders.acknowledged.toSorted());
  expect(textsIn(encodeLogsJson(engine.logStore).json)).toEqual(senders.acknowledgedTexts.toSorted());
  expect(textsIn(encodeMetricsJson(engine.seriesStore).json)).toEqual(senders.acknowledgedTexts.toSorted());
}

/** The texts that {@link startSenders} put into log records and the attributes of samples. */
function textsIn(json: Uint8Array): string[] {
  const found =
    Buffer.from(json)
      .toString()
      .match(/"unique \d+"/g) ?? [];
  return found.map((text) => text.slice(1, -1)).sort();
}

export interface Senders {
  readonly acknowledged: readonly string[];
  /** One for each request of logs, and of metrics, that were acknowledged. */
  readonly acknowledgedTexts: readonly string[];
  readonly acknowledgedCount: number;
  sendTo(port: number): void;
  finish(): Promise<void>;
}

/** Senders that repeat a request until it is acknowledged, as exporters with retry do, and then send the next. */
export function startSenders(): Senders {
  const acknowledged: string[] = [];
  const acknowledgedTexts: string[] = [];
  let acknowledgedCount = 0;
  let port = 0;
  let next = 1;
  let ending = false;
  const send = async (): Promise<void> => {
    while (!ending) {
      const text = `unique ${next}`;
      const spans = Array.from({ length: SPANS_A_REQUEST }, () => spanOf(next++));
      const body = Uint8Array.from(protobufRequest(spans));
      while (!(await isAcknowledged(port, "traces", body))) await delay(5);
      acknowledged.push(...spans.map(({ spanId = "" }) => spanId));
      const log = Uint8Array.from(logsBody([logOf(text)]));
      while (!(await isAcknowledged(port, "logs", log))) await delay(5);
      const attributes = [{ key: "text", value: { stringValue: text } }];
      const point = { timeUnixNano: "1700000000000000000", asInt: 1, attributes };
      const metric = Uint8Array.from(metricsBody([gaugeOf("queue", point)]));
      while (!(await isAcknowledged(port, "metrics", metric))) await delay(5);
      acknowledgedTexts.push(text);
      acknowledgedCount++;
    }
  };
  const running = Array.from({ length: SENDERS }, send);
  return {
    acknowledged,
    acknowledgedTexts,
    get acknowledgedCount() {
      return acknowledgedCount;
    },
    sendTo(newPort) {
      port = newPort;
    },
    async finish() {
      ending = true;
      await Promise.all(running);
    },
  };
}

async function isAcknowledged(
  port: number,
  signal: "traces" | "metrics" | "logs",
  body: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (port === 0) return false;
  try {
    const headers = { "content-type": "application/x-protobuf" };
    const reply = await fetch(`http://127.0.0.1:${port}/v1/${signal}`, { method: "POST", headers, body });
    await reply.arrayBuffer();
    return reply.status === 200;
  } catch {
    return false;
  }
}
