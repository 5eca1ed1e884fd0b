import { onTestFinished } from "vitest";
import type { LogProblem } from "../../../../src/engine/log/problems.ts";
import type { LogRecord } from "../../../../src/engine/log/record.ts";
import type { ReplaySummary } from "../../../../src/engine/log/replay.ts";
import {
  openSessionLog,
  type SessionLog,
  type SessionLogOptions,
} from "../../../../src/engine/log/session-log.ts";

export interface TestLog extends SessionLog {
  readonly problems: LogProblem[];
  readonly recoveries: (string | undefined)[];
}

/** Opens a log that is closed when the test ends, and remembers what it told. */
export function openTestLog(
  options: Partial<SessionLogOptions> & Pick<SessionLogOptions, "folders">,
): TestLog {
  const log = openSessionLog({ maxBytes: 1e9, maxAgeDays: 7, ...options });
  const problems: LogProblem[] = [];
  const recoveries: (string | undefined)[] = [];
  log.onProblem((problem) => problems.push(problem));
  log.onRecovered((folder) => recoveries.push(folder));
  onTestFinished(() => log.close());
  return Object.assign(Object.create(log) as SessionLog, { problems, recoveries });
}

/** All that a replay of these folders, by an engine that begins now, visits. */
export async function replayed(
  folders: SessionLogOptions["folders"],
): Promise<{ readonly records: LogRecord[]; readonly summary: ReplaySummary }> {
  const log = openSessionLog({ folders, maxBytes: 1e9, maxAgeDays: 7 });
  const records: LogRecord[] = [];
  const summary = await log.replay((record) => void records.push(record));
  await log.close();
  return { records, summary };
}
