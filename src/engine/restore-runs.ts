import { setTimeout as delay } from "node:timers/promises";
import { ok, type Problem, type Result } from "../base/result.ts";
import { OUTSIDE_ANY_RUN, type RunNumber, type SessionId, type TraceId } from "../model/ids.ts";
import type { Pause } from "../model/pause.ts";
import type { Run } from "../model/session.ts";
import type { Ingest } from "./ingest.ts";
import type { LogRecord, RequestRecord } from "./log/record.ts";
import type { SavedRun } from "./run-file/description.ts";
import { describeRunFile, readRunFile, type ReadOptions, type RunFileFacts } from "./run-file/read.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { Slice } from "./slices.ts";
import type { LogStore } from "./store/log-store.ts";
import type { SeriesStore } from "./store/series-store.ts";
import type { SpanStore } from "./store/span-store.ts";

export interface RestoringParts {
  readonly store: SpanStore;
  readonly logs: LogStore;
  readonly series: SeriesStore;
  readonly sessions: SessionRegistry;
  readonly ingest: Ingest;
  readonly recorder: SessionRecorder;
  readonly nextConnection: () => number;
  readonly now: () => number;
}

/** A run of a file, and the number it has here where it was born here or restored before. */
interface FoundRun extends SavedRun {
  readonly here: RunNumber | undefined;
}

export interface FoundRuns extends Omit<RunFileFacts, "runs"> {
  readonly runs: readonly FoundRun[];
}

export interface RestoredRuns {
  /** By the numbers that they have here. */
  readonly runs: readonly Run[];
  /** The first traces of the file that are held now. */
  readonly traceIds: readonly TraceId[];
  readonly spanCount: number;
  /** Spans that were here already, byte for byte. */
  readonly knownSpanCount: number;
  /** What could not be read, at most 100. */
  readonly problems: readonly Problem[];
}

/** What is read waits for a log that cannot keep up, but not for ever: half a minute, then it is held unlogged. */
const LOG_BEHIND_MS = 100;
const MAX_WAITS = 300;

/** A trace that is pinned never leaves; a file may not pin more than a person would. */
const MAX_PINNED = 1000;

const MAX_NAMED_TRACES = 100;

/** The runs of a file by its own numbers, with the numbers of those that are known here. */
export async function findRuns(sessions: SessionRegistry, path: string): Promise<Result<FoundRuns, Problem>> {
  const described = await describeRunFile(path);
  if (!described.ok) return described;
  const facts = described.value;
  const runs = facts.runs.map((run) => {
    const known = run.sessions.find(({ id }) => sessions.knows(id));
    const here = known === undefined ? undefined : sessions.runOf(known.id);
    return { ...run, here };
  });
  return ok({ ...facts, runs });
}

/**
 * Takes the runs of a file in, as if their requests came now: masked, logged, bounded like everything. What is held
 * already, byte for byte, is dropped. Works in slices beside everything else. Never rejects.
 *
 * @param numbers what the runs that are not known here are numbered: pairs of the file's number and the one here. What
 * is of a run that is not among them is outside of any run
 */
export async function restoreRuns(
  parts: RestoringParts,
  path: string,
  numbers: readonly (readonly [RunNumber, RunNumber])[],
  options?: ReadOptions,
): Promise<Result<RestoredRuns, Problem>> {
  const found = await findRuns(parts.sessions, path);
  if (!found.ok) return found;
  const restoration = new Restoration(parts, found.value, new Map(numbers));
  const problems = await readRunFile(path, (record) => restoration.visit(record), options);
  restoration.end();
  return problems.ok ? ok({ ...restoration.outcome, problems: problems.value }) : problems;
}

class Restoration {
  readonly #parts: RestoringParts;
  readonly #runs = new Map<RunNumber, Run>();
  /** The file's numbers of connections, and the new ones. */
  readonly #connections = new Map<number, number>();
  /** When connections of the file were gone, by their new numbers: nanoseconds since the epoch. */
  readonly #gone = new Map<number, bigint>();
  readonly #pinned: TraceId[] = [];
  readonly #versionBefore: number;
  /** Sessions whose logs are here already. Unlike a span a log line has nothing by which it could be known again. */
  readonly #hasLogs: ReadonlySet<SessionId | undefined>;
  /** Pauses that are here already, and may have gone on since. */
  readonly #knownPauses: ReadonlySet<string>;
  readonly #savedMs: number;
  readonly #slice = new Slice();
  #spanCount = 0;
  #knownSpanCount = 0;
  #latestMs = 0;

  constructor(
    parts: RestoringParts,
    { runs, savedMs }: FoundRuns,
    numbers: ReadonlyMap<RunNumber, RunNumber>,
  ) {
    this.#parts = parts;
    this.#versionBefore = parts.store.version;
    this.#savedMs = savedMs;
    this.#knownPauses = new Set([...parts.store.pauses.all].map(({ pause }) => pause.id));
    this.#hasLogs = new Set(
      parts.logs.origins.all.flatMap((origin) =>
        origin?.session === undefined ? [] : [origin.session as SessionId],
      ),
    );
    const { sessions, recorder, now } = parts;
    for (const { number, name, startMs, endMs, here } of runs) {
      const run = here ?? numbers.get(number) ?? OUTSIDE_ANY_RUN;
      if (run === OUTSIDE_ANY_RUN) continue;
      this.#runs.set(number, { number: run, name, startMs, endMs: endMs ?? now() });
      if (here !== undefined) continue;
      sessions.nameRun(run, name, startMs);
      recorder.control({ kind: "run-began", run, name, atMs: startMs });
    }
  }

  get outcome(): Omit<RestoredRuns, "problems"> {
    return {
      runs: [...this.#runs.values()],
      traceIds: this.#traceIds(),
      spanCount: this.#spanCount,
      knownSpanCount: this.#knownSpanCount,
    };
  }

  visit(record: LogRecord): void | Promise<void> {
    switch (record.kind) {
      case "request":
        return this.#request(record);
      case "session-opened":
        this.#open(record.sessionId, record.run, record.name, record.atMs);
        return undefined;
      case "agent-gone":
        this.#noteGone(this.#connections.get(record.connection), record.atMs);
        return undefined;
      case "pinned":
        if (record.pinned && this.#pinned.length < MAX_PINNED) this.#pinned.push(record.traceId);
        return undefined;
      case "paused":
        this.#pause(record.pause);
        return this.#slice.next();
      default:
        // A file restores what was received. It clears nothing, and opens no agents.
        return undefined;
    }
  }

  /** Spans that still ran when the file was written have no process here that could end them. */
  end(): void {
    const { store, recorder } = this.#parts;
    for (const connection of this.#connections.values())
      if (!this.#gone.has(connection)) this.#noteGone(connection, this.#latestMs);
    if (this.#gone.size > 0) store.endOpenSpans(this.#gone);
    for (const [connection, atUnixNano] of this.#gone)
      recorder.control({ kind: "agent-gone", connection, atMs: Number(atUnixNano) / 1e6 });
    for (const traceId of this.#pinned) {
      if (!store.pin(traceId, true)) continue;
      recorder.control({ kind: "pinned", traceId, pinned: true });
    }
  }

  /** Traces of the file's runs that have changed since it was begun. */
  #traceIds(): TraceId[] {
    const { traces } = this.#parts.store;
    const runs = new Set<number>([OUTSIDE_ANY_RUN, ...[...this.#runs.values()].map(({ number }) => number)]);
    const ids: TraceId[] = [];
    for (let slot = 0; slot < traces.slotCount && ids.length < MAX_NAMED_TRACES; slot++) {
      const isChanged = (traces.version[slot] ?? 0) > this.#versionBefore;
      if (isChanged && runs.has(traces.run[slot] ?? 0)) ids.push(traces.idOf(slot));
    }
    return ids;
  }

  #open(sessionId: SessionId, fileRun: RunNumber, name: string, atMs: number): void {
    const { sessions, recorder } = this.#parts;
    const run = this.#runs.get(fileRun)?.number;
    // A session that is known stays where it is, whatever a file says.
    if (run === undefined || sessions.knows(sessionId)) return;
    sessions.open(sessionId, run, name);
    recorder.control({ kind: "session-opened", sessionId, run, name, atMs });
  }

  #pause(pause: Pause): void {
    const { store, recorder } = this.#parts;
    // What lasted when the file was written is over: it ended with what came last.
    const ended = pause.endTimeUnixNano ?? String(nanosecondsOf(Math.max(this.#latestMs, this.#savedMs)));
    const over: Pause = { ...pause, endTimeUnixNano: ended };
    if (this.#knownPauses.has(pause.id)) return;
    store.recordPause(over);
    recorder.control({ kind: "paused", pause: over });
  }

  async #request(record: RequestRecord): Promise<void> {
    if (record.signal === "logs" && this.#hasLogs.has(record.sessionId)) return;
    const { ingest, store, recorder } = this.#parts;
    const { sessionId, channel, connection, body, encoding, signal } = record;
    const origin = {
      sessionId,
      channel,
      ...(connection === undefined ? {} : { connection: this.#renumbered(connection) }),
    };
    this.#latestMs = Math.max(this.#latestMs, record.receivedMs);
    for (let waits = 0; recorder.overloaded() !== undefined && waits < MAX_WAITS; waits++)
      await delay(LOG_BEHIND_MS);
    const nextRow = store.nextRow;
    const { acceptedCount } = ingest[signal](body, encoding, origin);
    if (signal === "traces") {
      const addedCount = store.nextRow - nextRow;
      this.#spanCount += addedCount;
      this.#knownSpanCount += acceptedCount - addedCount;
    }
    await this.#slice.next();
  }

  #renumbered(connection: number): number {
    const known = this.#connections.get(connection);
    if (known !== undefined) return known;
    const fresh = this.#parts.nextConnection();
    this.#connections.set(connection, fresh);
    return fresh;
  }

  #noteGone(connection: number | undefined, atMs: number): void {
    if (connection !== undefined && Number.isFinite(atMs)) this.#gone.set(connection, nanosecondsOf(atMs));
  }
}

/** To the microsecond, which is what a double holds of a moment in milliseconds. */
function nanosecondsOf(ms: number): bigint {
  return BigInt(Math.round(ms * 1e3)) * 1000n;
}
