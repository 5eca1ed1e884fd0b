import type { Problem, Result } from "../base/result.ts";
import type { RunNumber } from "../model/ids.ts";
import { version } from "../../package.json";
import { logRecords } from "./log-records.ts";
import { metricRecords } from "./metric-records.ts";
import type { SavedRun } from "./run-file/description.ts";
import {
  writeRunFile,
  type CountedRecord,
  type WriteOptions,
  type WrittenRunFile,
} from "./run-file/write.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { pinnedTraces, rowsOfRuns, spanRecords, type ConnectionNumbers } from "./span-records.ts";
import type { LogStore } from "./store/log-store.ts";
import type { SeriesStore } from "./store/series-store.ts";
import type { SpanStore } from "./store/span-store.ts";
import { heldRuns } from "./held-runs.ts";

export interface SavedParts {
  readonly store: SpanStore;
  readonly logs: LogStore;
  readonly series: SeriesStore;
  readonly sessions: SessionRegistry;
  readonly now: () => number;
}

/** Numbers of connections that ended, in a file; those of agents that live count from 0 and never come near. */
const FIRST_LOST_CONNECTION = 0x8000_0000;

/**
 * Writes these runs into one file (docs/run-file.md), or all that is held where `runs` is undefined. Works in slices
 * beside everything else; what arrives meanwhile may be in the file or not. Never rejects.
 */
export function saveRuns(
  parts: SavedParts,
  path: string,
  runs: ReadonlySet<RunNumber> | undefined,
  options?: WriteOptions,
): Promise<Result<WrittenRunFile, Problem>> {
  const saved = describeRuns(parts, runs);
  const description = { madeBy: version, savedMs: parts.now(), runs: saved };
  return writeRunFile(path, description, records(parts, saved, runs), options);
}

/** The runs that hold something, as they are known here. */
function describeRuns(
  { store, logs, series, sessions }: SavedParts,
  runs: ReadonlySet<RunNumber> | undefined,
): SavedRun[] {
  const found = [...heldRuns(store, logs, series)].filter(([run]) => runs?.has(run) !== false);
  return found
    .map(([number, { startMs, endMs }]) => {
      const known = sessions.runs.get(number);
      return {
        number,
        name: known?.name ?? `Run ${number}`,
        startMs: known?.startMs ?? startMs,
        endMs,
        sessions: sessions.sessions
          .filter((session) => session.run === number)
          .map(({ id, name }) => ({ id, name })),
      };
    })
    .sort((a, b) => a.number - b.number);
}

function* records(
  { store, logs, series, now }: SavedParts,
  saved: readonly SavedRun[],
  runs: ReadonlySet<RunNumber> | undefined,
): Generator<CountedRecord | undefined> {
  const control = (record: CountedRecord["record"]): CountedRecord => ({ record, itemCount: 0 });
  const atMs = now();
  for (const { number, sessions } of saved) {
    for (const { id, name } of sessions)
      yield control({ kind: "session-opened", sessionId: id, run: number, name, atMs });
  }
  const sessionIds = new Set<string | undefined>(
    saved.flatMap(({ sessions }) => sessions.map(({ id }) => id)),
  );
  for (const { pause } of store.pauses.all)
    if (runs === undefined || sessionIds.has(pause.sessionId)) yield control({ kind: "paused", pause });
  yield* spanRecords(store, rowsOfRuns(store, runs), fileConnections());
  yield* logRecords(logs, runs);
  yield* metricRecords(series, runs, atMs);
  for (const traceId of pinnedTraces(store, runs)) yield control({ kind: "pinned", traceId, pinned: true });
}

function fileConnections(): ConnectionNumbers {
  let lostCount = 0;
  return { running: (connection) => connection, lost: () => FIRST_LOST_CONNECTION + lostCount++ };
}
