import type { Problem } from "../base/result.ts";
import type { RunNumber } from "../model/ids.ts";
import type { Run } from "../model/session.ts";
import type { Recovery } from "../protocol/engine.ts";
import type { Ingest } from "./ingest.ts";
import type { LogRecord } from "./log/record.ts";
import type { RecordSource } from "./log/replay.ts";
import type { SessionLog } from "./log/session-log.ts";
import type { SessionRegistry } from "./session-registry.ts";
import type { SpanStore } from "./store/span-store.ts";

export interface RecoveryParts {
  readonly store: SpanStore;
  readonly sessions: SessionRegistry;
  readonly ingest: Ingest;
  /** Numbers of connections: those of former engines are replaced by new ones. */
  readonly nextConnection: () => number;
}

/** The thread answers other questions at least this often while records are read. */
const SLICE_MS = 20;

/** Builds again what earlier engines have left in the log, in their order. Never rejects for what is in the log. */
export async function recoverSessions(log: SessionLog, parts: RecoveryParts): Promise<Recovery> {
  const replay = new Replay(parts);
  let sliceEndMs = performance.now() + SLICE_MS;
  const { problems } = await log.replay((record, source) => {
    replay.visit(record, source);
    if (performance.now() < sliceEndMs) return undefined;
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        sliceEndMs = performance.now() + SLICE_MS;
        resolve();
      });
    });
  });
  replay.end();
  const { spanCount, traceCount } = parts.store;
  return { runs: replay.runs, spanCount, traceCount, problems: problems.map(withoutFolder) };
}

interface ReplayedRun {
  name: string;
  readonly startMs: number;
  lastMs: number;
  /** Something of it was received after traces were cleared. */
  hasData: boolean;
}

class Replay {
  readonly #parts: RecoveryParts;
  readonly #runs = new Map<RunNumber, ReplayedRun>();
  /** The former engine's numbers of connections, and the new ones. */
  readonly #connections = new Map<number, number>();
  #engine = "";
  #lastMs = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  get runs(): readonly Run[] {
    return [...this.#runs]
      .filter(([, { hasData }]) => hasData)
      .map(([number, { name, startMs, lastMs }]) => ({ number, name, startMs, endMs: lastMs }))
      .sort((a, b) => a.number - b.number);
  }

  visit(record: LogRecord, { engine }: RecordSource): void {
    if (engine !== this.#engine) this.end();
    this.#engine = engine;
    this.#noteTime(record);
    const { store, sessions } = this.#parts;
    switch (record.kind) {
      case "request":
        this.#request(record);
        break;
      case "run-began":
        this.#begin(record.run, record.name, record.atMs);
        break;
      case "session-opened":
        sessions.open(record.sessionId, record.run);
        break;
      case "agent-gone":
        this.#gone(record.connection);
        break;
      case "cleared":
        store.clear(record.keepPinned);
        for (const run of this.#runs.values()) run.hasData &&= record.keepPinned;
        break;
      case "pinned":
        store.pin(record.traceId, record.pinned);
        break;
      case "session-closed":
      case "agent-connected":
      case "agent-found-own-sdk":
        break;
    }
  }

  /** The engine that wrote the last records is gone, and its agents' connections with it. */
  end(): void {
    for (const connection of this.#connections.keys()) this.#gone(connection);
  }

  #request(record: LogRecord & { readonly kind: "request" }): void {
    const { connection, run } = record;
    const replayed =
      connection === undefined ? record : { ...record, connection: this.#renumbered(connection) };
    this.#parts.ingest.replay(replayed);
    if (run === 0) return;
    this.#begin(run, this.#runs.get(run)?.name ?? `Run ${run}`, record.receivedMs);
    const begun = this.#runs.get(run);
    if (begun === undefined) return;
    begun.hasData = true;
    begun.lastMs = record.receivedMs;
  }

  #begin(number: RunNumber, name: string, atMs: number): void {
    const known = this.#runs.get(number);
    if (known !== undefined) known.name = name;
    else this.#runs.set(number, { name, startMs: atMs, lastMs: atMs, hasData: false });
  }

  #renumbered(connection: number): number {
    const known = this.#connections.get(connection);
    if (known !== undefined) return known;
    const fresh = this.#parts.nextConnection();
    this.#connections.set(connection, fresh);
    return fresh;
  }

  #gone(connection: number): void {
    const renumbered = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (renumbered !== undefined)
      this.#parts.store.endOpenSpansOf(renumbered, BigInt(Math.round(this.#lastMs)) * 1_000_000n);
  }

  #noteTime(record: LogRecord): void {
    if (record.kind === "request") this.#lastMs = record.receivedMs;
    else if ("atMs" in record) this.#lastMs = record.atMs;
  }
}

/** A problem as it crosses the link. */
function withoutFolder({ code, message, advice }: Problem): Problem {
  return advice === undefined ? { code, message } : { code, message, advice };
}
