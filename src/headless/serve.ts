import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import type { Problem } from "../base/result.ts";
import { DEFAULT_REDACTED_KEYS } from "../engine/decode/redact-keys.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { openApiServer, type ApiServer } from "../engine/serve/api-server.ts";
import { EventLoopLag } from "../engine/serve/event-loop-lag.ts";
import type { Health } from "../engine/serve/metrics-text.ts";
import { complain, EXIT, Failure, type ExitCode } from "./failure.ts";

const MEBIBYTE = 1024 * 1024;
const MAX_PORT = 65_535;

/** `spanlight serve`: an engine that lives until SIGTERM or SIGINT. The defaults are those of the settings. */
export async function serve(args: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      http: { type: "string" },
      grpc: { type: "string" },
      api: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      "max-megabytes": { type: "string", default: "256" },
      log: { type: "string", multiple: true, default: [] },
      "log-max-megabytes": { type: "string", default: "128" },
      "log-max-days": { type: "string", default: "7" },
      backup: { type: "string" },
      "backup-every": { type: "string", default: "60" },
      "backup-keep": { type: "string", default: "10" },
      "redaction-keys": { type: "string" },
      "no-redaction": { type: "boolean", default: false },
    },
  });
  const httpPort = portOf("http", values.http);
  const grpcPort = portOf("grpc", values.grpc);
  const apiPort = portOf("api", values.api);
  if (httpPort === undefined && grpcPort === undefined && apiPort === undefined)
    throw new Failure(EXIT.usage, "serve needs --http, --grpc or --api with a port; 0 is any free one");
  const log = {
    folders: values.log,
    maxBytes: wholeNumber("log-max-megabytes", values["log-max-megabytes"], 1, 65_536) * MEBIBYTE,
    maxAgeDays: wholeNumber("log-max-days", values["log-max-days"], 1, 365),
  };
  const everyMinutes = wholeNumber("backup-every", values["backup-every"], 1, 10_080);
  const keep = wholeNumber("backup-keep", values["backup-keep"], 1, 1000);
  const plan =
    values.backup === undefined
      ? undefined
      : { folder: resolve(values.backup), name: "spanlight", everyMinutes, keep };
  // Bodies are garbage as soon as they are stored, and V8 would collect it three times as often for no less memory. Of this
  // process alone: in an editor the flag would be everybody's.
  setFlagsFromString("--heap-growing-percent=300");
  const engine = createEngine({
    maxBytes: wholeNumber("max-megabytes", values["max-megabytes"], 16, 4096) * MEBIBYTE,
    token: process.env["SPANLIGHT_TOKEN"],
    redaction: {
      enabled: !values["no-redaction"],
      keys: values["redaction-keys"]?.split(",") ?? DEFAULT_REDACTED_KEYS,
    },
  });
  engine.onProblemFound((problem) => complain(`${problem.severity}: ${sentenceOf(problem)}`));

  const ended = endingSignal();
  const lag = new EventLoopLag();
  let api: ApiServer | undefined;
  try {
    await engine.openLog(log);
    engine.runFiles.configureBackup({ plan });
    const ports = await openReceiver(engine, values.host, httpPort, grpcPort);
    if (apiPort !== undefined) {
      const health = (): Health => healthOf(engine, lag);
      const opened = await openApiServer({ port: apiPort, store: engine.store, health });
      if (!opened.ok) throw new Failure(EXIT.listen, sentenceOf(opened.error));
      api = opened.value;
    }
    process.stdout.write(`${JSON.stringify({ event: "ready", ...ports, api: api?.port })}\n`);
    await ended;
  } finally {
    lag.dispose();
    await engine.closeReceiver();
    await engine.runFiles.backUp();
    await Promise.all([api?.close(), engine.dispose()]);
  }
  return EXIT.done;
}

/** A second signal, of either kind, ends the process at once, as it would without this. */
function endingSignal(): Promise<void> {
  const signals = ["SIGTERM", "SIGINT"] as const;
  return new Promise((resolve) => {
    const end = (): void => {
      for (const signal of signals) process.off(signal, end);
      resolve();
    };
    for (const signal of signals) process.on(signal, end);
  });
}

async function openReceiver(
  engine: Engine,
  host: string,
  httpPort: number | undefined,
  grpcPort: number | undefined,
): Promise<{ readonly http: number | undefined; readonly grpc: number | undefined }> {
  if (httpPort === undefined && grpcPort === undefined) return { http: undefined, grpc: undefined };
  const opened = await engine.openReceiver({ host, httpPort, grpcPort });
  if (!opened.ok) throw new Failure(EXIT.listen, sentenceOf(opened.error));
  const { http, grpc, taken } = opened.value;
  // The editor tells programs which port it became; whoever wrote a number on a command line has told them already.
  if (taken.length > 0) throw new Failure(EXIT.listen, `taken by another program: port ${taken.join(", ")}`);
  return { http: httpPort === undefined ? undefined : http, grpc: grpcPort === undefined ? undefined : grpc };
}

function healthOf(engine: Engine, lag: EventLoopLag): Health {
  const { rejectedCount, ...state } = engine.state;
  const { user, system } = process.cpuUsage();
  return {
    ...state,
    refusedCount: rejectedCount,
    receivedCount: engine.receivedCount,
    receivedPointCount: engine.receivedPointCount,
    refusedPointCount: engine.refusedPointCount,
    evictedSampleCount: engine.seriesStore.evictedCount,
    receivedLogCount: engine.receivedLogCount,
    refusedLogCount: engine.refusedLogCount,
    evictedLogCount: engine.logStore.evictedCount,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    lag: lag.read(),
  };
}

function portOf(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(flag, text, 0, MAX_PORT);
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Failure(EXIT.usage, `--${flag} is a whole number from ${least} to ${most}, not ${text}`);
}

function sentenceOf({ message, advice }: Problem): string {
  return advice === undefined ? message : `${message} ${advice}`;
}
