import type { Problem } from "../base/result.ts";
import type { RunNumber, TraceId } from "../model/ids.ts";
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
  /** Hears that {@link SessionRecovery.fraction} has changed. */
  readonly onProgress: () => void;
}

/** The thread answers other questions at least this often while records are read. */
const SLICE_MS = 20;

/**
 * Builds again what earlier engines have left in the log, in their order, while new data is taken: that is newer than
 * everything here. What a person clears or pins meanwhile is the last word.
 */
export class SessionRecovery {
  readonly #parts: RecoveryParts;
  readonly #replay: Replay;
  #fraction = 0;
  #isOver = false;
  /** Whether the pinned ones are spared, where traces were cleared meanwhile. */
  #clearedKeepingPinned: boolean | undefined;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#replay = new Replay(parts);
  }

  /** How much of the log is read, from 0 to 1; undefined once it is over. */
  get fraction(): number | undefined {
    return this.#isOver ? undefined : this.#fraction;
  }

  /** Never rejects for what is in the log. */
  async run(log: SessionLog): Promise<Recovery> {
    const replay = this.#replay;
    const { store } = this.#parts;
    let sliceEndMs = performance.now() + SLICE_MS;
    const visit = (record: LogRecord, source: RecordSource): Promise<void> | undefined => {
      replay.visit(record, source);
      if (performance.now() < sliceEndMs) return undefined;
      return new Promise<void>((resolve) => {
        setImmediate(() => {
          sliceEndMs = performance.now() + SLICE_MS;
          resolve();
        });
      });
    };
    const { problems } = await log.replay(visit, (fraction) => {
      this.#fraction = fraction;
      this.#parts.onProgress();
    });
    replay.end();
    if (this.#clearedKeepingPinned !== undefined) replay.clear(this.#clearedKeepingPinned);
    store.endReplay();
    this.#isOver = true;
    const { spanCount, traceCount } = store;
    return { runs: replay.runs, spanCount, traceCount, problems: problems.map(withoutFolder) };
  }

  /** Somebody has pinned a trace, or let it go, just now. */
  pinned(traceId: TraceId): void {
    if (!this.#isOver) this.#replay.pinnedHere.add(traceId);
  }

  /** Somebody has cleared the traces just now: what is read after this leaves again at the end. */
  cleared(keepPinned: boolean): void {
    if (this.#isOver) return;
    this.#clearedKeepingPinned = keepPinned && this.#clearedKeepingPinned !== false;
  }
}

interface ReplayedRun {
  name: string;
  startMs: number;
  lastMs: number;
  /** Something of it was received after traces were cleared. */
  hasData: boolean;
}

class Replay {
  /** Traces that were pinned, or let go, since this began. */
  readonly pinnedHere = new Set<TraceId>();
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
        this.#name(record.run, record.name, record.atMs);
        break;
      case "session-opened":
        if (!sessions.knows(record.sessionId)) sessions.open(record.sessionId, record.run, record.name);
        break;
      case "agent-gone":
        this.#gone(record.connection);
        break;
      case "cleared":
        this.clear(record.keepPinned);
        break;
      case "pinned":
        if (!this.pinnedHere.has(record.traceId)) store.pin(record.traceId, record.pinned);
        break;
      case "paused":
        store.recordPause(record.pause);
        break;
      case "session-closed":
      case "agent-connected":
      case "agent-found-own-sdk":
        break;
    }
  }

  /** Forgets what was read so far, and nothing that has arrived here. */
  clear(keepPinned: boolean): void {
    this.#parts.ingest.clearReplayed(keepPinned);
    for (const run of this.#runs.values()) run.hasData &&= keepPinned;
  }

  /** The engine that wrote the last records is gone, and its agents' connections with it. */
  end(): void {
    for (const connection of this.#connections.keys()) this.#gone(connection);
    this.#parts.store.endOpenPauses(BigInt(Math.round(this.#lastMs)) * 1_000_000n);
  }

  #request(record: LogRecord & { readonly kind: "request" }): void {
    const { connection, run } = record;
    const replayed =
      connection === undefined ? record : { ...record, connection: this.#renumbered(connection) };
    this.#parts.ingest.replay(replayed);
    if (run === 0) return;
    const begun = this.#runs.get(run) ?? this.#begin(run, `Run ${run}`, record.receivedMs);
    begun.hasData = true;
    begun.lastMs = record.receivedMs;
  }

  /** Its traces may have come before: where only pinned ones are left of a log, their run is told again with them. */
  #name(number: RunNumber, name: string, startMs: number): void {
    this.#parts.sessions.nameRun(number, name, startMs);
    const run = this.#runs.get(number) ?? this.#begin(number, name, startMs);
    run.name = name;
    run.startMs = startMs;
  }

  #begin(number: RunNumber, name: string, startMs: number): ReplayedRun {
    const run = { name, startMs, lastMs: startMs, hasData: false };
    this.#runs.set(number, run);
    return run;
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
