import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../../src/engine/engine.ts";
import { temporaryFolder } from "../../unit/engine/log/temporary-folder.ts";
import { protobufRequest, spanOf } from "../../unit/engine/otlp-request.ts";

const program = fileURLToPath(new URL("./serve-logged.ts", import.meta.url));
const SENDERS = 4;
const SPANS_A_REQUEST = 20;
/** Acknowledged requests after which each engine is killed: at once, early, and in the middle of many. */
const KILLED_AFTER = [1, 30, 200];

test(
  "every span that engines acknowledged which were killed amid ingest is there afterwards, exactly once",
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    const senders = startSenders();
    let port = 0;
    for (const killedAfter of KILLED_AFTER) {
      const running = await start(folder, port);
      port = running.port;
      const enough = senders.acknowledgedCount + killedAfter;
      senders.sendTo(port);
      await expect
        .poll(() => senders.acknowledgedCount, { timeout: 60_000, interval: 1 })
        .toBeGreaterThan(enough);
      await running.kill();
    }
    const last = await start(folder, port);
    senders.sendTo(last.port);
    // What was under way at the last kill has to arrive with the retries.
    await senders.finish();
    await last.kill();

    const engine = createEngine({ maxBytes: 1e9 });
    const recovery = await engine.openLog({ folders: [folder], maxBytes: 1e9, maxAgeDays: 7 });
    onTestFinished(() => engine.dispose());
    const { resourceSpans } = JSON.parse(Buffer.from(engine.exportTraces({}).json).toString());
    const present: string[] = resourceSpans.flatMap(
      (resource: { scopeSpans: { spans: { spanId: string }[] }[] }) =>
        resource.scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)),
    );
    expect(recovery.problems).toEqual([]);
    expect(senders.acknowledged.length).toBeGreaterThan(
      KILLED_AFTER.reduce((a, b) => a + b) * SPANS_A_REQUEST,
    );
    expect(present.toSorted()).toEqual(senders.acknowledged.toSorted());
  },
);

interface Senders {
  readonly acknowledged: readonly string[];
  readonly acknowledgedCount: number;
  sendTo(port: number): void;
  finish(): Promise<void>;
}

/** Senders that repeat a request until it is acknowledged, as exporters with retry do, and then send the next. */
function startSenders(): Senders {
  const acknowledged: string[] = [];
  let acknowledgedCount = 0;
  let port = 0;
  let next = 1;
  let ending = false;
  const send = async (): Promise<void> => {
    while (!ending) {
      const spans = Array.from({ length: SPANS_A_REQUEST }, () => spanOf(next++));
      const body = Uint8Array.from(protobufRequest(spans));
      while (!(await isAcknowledged(port, body))) await delay(5);
      acknowledged.push(...spans.map(({ spanId = "" }) => spanId));
      acknowledgedCount++;
    }
  };
  const running = Array.from({ length: SENDERS }, send);
  return {
    acknowledged,
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

async function isAcknowledged(port: number, body: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (port === 0) return false;
  try {
    const headers = { "content-type": "application/x-protobuf" };
    const reply = await fetch(`http://127.0.0.1:${port}/v1/traces`, { method: "POST", headers, body });
    await reply.arrayBuffer();
    return reply.status === 200;
  } catch {
    return false;
  }
}

async function start(
  folder: string,
  port: number,
): Promise<{ readonly port: number; readonly kill: () => Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", program, folder, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  return {
    port: Number(printed.toString()),
    async kill() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
