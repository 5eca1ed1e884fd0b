import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { openSessionLog, type SessionLog } from "../src/engine/log/session-log.ts";
import type { RequestRecord } from "../src/engine/log/record.ts";
import type { RunNumber } from "../src/model/ids.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const SPANS_PER_REQUEST = 512;
/** As measured on the spans of the ingest suites: 8 to 10 attributes. */
const BYTES_PER_SPAN = 457;
const MEBIBYTE = 1024 * 1024;

/** Requests that are on their way at a time: four connections and what their sockets hold. */
const CONCURRENCY = 16;

/** The session log alone: how fast it takes requests of 512 spans and tiny ones, and how fast it gives them back. */
export const logSuite: Suite = {
  title: "log",
  async run({ quick }) {
    const requestCount = quick ? 400 : 2000;
    const bodies = Array.from({ length: 64 }, (_, index) => bodyOf(index));
    const tiny = new TextEncoder().encode("one span's worth of bytes ".repeat(16));
    return [
      ...(await measureAppends(
        "512 spans a request",
        requestCount,
        (index) => bodies[index % bodies.length] ?? tiny,
        1,
      )),
      ...(await measureAppends(
        "512 spans a request, two folders",
        requestCount,
        (index) => bodies[index % bodies.length] ?? tiny,
        2,
      )),
      ...(await measureTiny(tiny, quick ? 5000 : 50_000)),
    ];
  },
};

async function measureAppends(
  name: string,
  count: number,
  bodyAt: (index: number) => Uint8Array,
  folderCount: number,
): Promise<readonly Row[]> {
  return withLog(folderCount, async (log, reopen) => {
    const cpuBefore = process.cpuUsage();
    const loopBefore = performance.eventLoopUtilization();
    const begunMs = performance.now();
    const rawBytes = await appendAll(log, count, bodyAt);
    const seconds = (performance.now() - begunMs) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    const { active: threadMs } = performance.eventLoopUtilization(loopBefore);
    const storedBytes = log.status.bytes;
    const spans = count * SPANS_PER_REQUEST;
    const rows: Row[] = [
      budgeted({
        name: `log, ${name}: spans`,
        value: spans / seconds,
        unit: "spans/s",
        better: "higher",
        budget: 400_000,
      }),
      {
        name: `log, ${name}: body bytes`,
        value: rawBytes / MEBIBYTE / seconds,
        unit: "MiB/s",
        better: "higher",
      },
      {
        name: `log, ${name}: engine's thread`,
        value: (threadMs * 1000) / spans,
        unit: "µs/span",
        better: "lower",
      },
      {
        name: `log, ${name}: CPU, compression's threads among it`,
        value: (cpu.user + cpu.system) / spans,
        unit: "µs/span",
        better: "lower",
      },
      { name: `log, ${name}: on disk`, value: storedBytes / spans, unit: "B/span", better: "lower" },
    ];
    if (folderCount > 1) return rows;

    const replayBegunMs = performance.now();
    const { recordCount } = await (await reopen()).replay(() => undefined);
    const replaySeconds = (performance.now() - replayBegunMs) / 1000;
    const replayedSpans = recordCount * SPANS_PER_REQUEST;
    return [
      ...rows,
      {
        name: `log, ${name}: replay`,
        value: replayedSpans / replaySeconds,
        unit: "spans/s",
        better: "higher",
      },
    ];
  });
}

async function measureTiny(body: Uint8Array, count: number): Promise<readonly Row[]> {
  return withLog(1, async (log) => {
    const begunMs = performance.now();
    await appendAll(log, count, () => body);
    const perSecond = count / ((performance.now() - begunMs) / 1000);
    const latenciesMs: number[] = [];
    for (let index = 0; index < 500; index++) {
      const appendedMs = performance.now();
      await log.append(request(body));
      latenciesMs.push(performance.now() - appendedMs);
    }
    const [median = 0, late = 0] = [250, 495].map((rank) => latenciesMs.toSorted((a, b) => a - b)[rank]);
    return [
      { name: "log, one span a request: appends", value: perSecond, unit: "appends/s", better: "higher" },
      {
        name: "log, one request at a time: acknowledged after, median",
        value: median,
        unit: "ms",
        better: "lower",
      },
      {
        name: "log, one request at a time: acknowledged after, p99",
        value: late,
        unit: "ms",
        better: "lower",
      },
    ];
  });
}

/** Keeps as many appends under way as senders would; resolves with the bytes of all bodies. */
async function appendAll(
  log: SessionLog,
  count: number,
  bodyAt: (index: number) => Uint8Array,
): Promise<number> {
  let index = 0;
  let bytes = 0;
  const send = async (): Promise<void> => {
    while (index < count) {
      const body = bodyAt(index++);
      bytes += body.length;
      const outcome = await log.append(request(body));
      if (!outcome.ok) throw new Error(outcome.error.message);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, send));
  return bytes;
}

async function withLog(
  folderCount: number,
  measure: (log: SessionLog, reopen: () => Promise<SessionLog>) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const parent = await mkdtemp(join(tmpdir(), "spanlight-bench-log-"));
  const others = Array.from({ length: folderCount - 1 }, (_, index) => join(parent, `other${index}`));
  const open = (): SessionLog =>
    openSessionLog({ folders: [join(parent, "log"), ...others], maxBytes: 4e9, maxAgeDays: 7 });
  let log = open();
  try {
    return await measure(log, async () => {
      await log.close();
      return (log = open());
    });
  } finally {
    await log.close();
    await rm(parent, { recursive: true, force: true });
  }
}

function request(body: Uint8Array): RequestRecord {
  return {
    kind: "request",
    signal: "traces",
    encoding: "protobuf",
    sessionId: undefined,
    channel: "http",
    run: 1 as RunNumber,
    receivedMs: Date.now(),
    body,
  };
}

/** A body that compresses as an export request does: ids and times are random, keys and most values come again and again. */
function bodyOf(seed: number): Uint8Array {
  const body = Buffer.alloc(
    SPANS_PER_REQUEST * BYTES_PER_SPAN,
    "http.request.method GET url.path /cart/42 server.address localhost code.file.path /srv/shop/src/cart.ts ",
  );
  for (let span = 0; span < SPANS_PER_REQUEST; span++) {
    const at = span * BYTES_PER_SPAN;
    // Trace, span and parent id, two times, and a URL with an id of its own.
    crypto.getRandomValues(body.subarray(at, at + 48));
    body.write(
      `http://localhost:3000/cart/${(seed * SPANS_PER_REQUEST + span) * 7919}?user=${Math.random()}`,
      at + 200,
    );
  }
  return body;
}
