import type { Problem } from "../base/result.ts";
import type { LogState } from "../protocol/engine.ts";
import type { LogProblem } from "./log/problems.ts";
import type { ControlRecord, RequestRecord } from "./log/record.ts";
import { openSessionLog, type SessionLog, type SessionLogOptions } from "./log/session-log.ts";
import { PinnedCarrier, type PinnedCarrierParts } from "./pinned-carrier.ts";

export interface SessionRecorderParts {
  /** Hears once of each outage of the log. */
  readonly onProblem: (problem: LogProblem) => void;
  /** Hears that {@link SessionRecorder.state} has changed for more than its size. */
  readonly onChanged: () => void;
}

type CarrierParts = Pick<
  PinnedCarrierParts,
  "store" | "logs" | "isLogUnderWay" | "sessions" | "nextConnection" | "now"
>;

/** More than this waits for the disk: senders are asked to come later, before the log itself has to refuse. */
const OVERLOAD_LAG_BYTES = 48 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 1;
/** What the log did not take, and another attempt may bring into one. */
const REFUSED: ReadonlySet<string> = new Set(["log-behind", "log-closed"]);

/** Writes what the engine takes and what happens into the session log, once there is one. A bad log stops nobody. */
export class SessionRecorder {
  readonly #parts: SessionRecorderParts;
  #log: SessionLog | undefined;
  #isClosed = false;
  /** By folder; the log as a whole has the empty name. */
  readonly #problems = new Map<string, LogProblem>();

  constructor(parts: SessionRecorderParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#log !== undefined;
  }

  get state(): LogState | undefined {
    if (this.#log === undefined || this.#isClosed) return undefined;
    const { bytes, lagBytes, sinceMs, folders } = this.#log.status;
    const [problem] = this.#problems.values();
    return {
      bytes,
      lagBytes,
      sinceMs,
      problem: problem && asProblem(problem),
      folders: folders.map((folder) => ({
        path: folder.path,
        bytes: folder.bytes,
        problem: folder.problem && asProblem(folder.problem),
        failedSinceMs: folder.failedSinceMs,
      })),
    };
  }

  /** @param carrierParts what it takes to keep pinned traces in the log beyond its limits */
  open(options: SessionLogOptions, carrierParts: CarrierParts): SessionLog {
    const carrier = new PinnedCarrier({
      ...carrierParts,
      append: (record) => log.append(record),
      nextSequence: () => log.nextSequence,
      maxBytes: options.maxBytes,
      onProblem: (problem) => this.#parts.onProblem(problem),
    });
    const log = openSessionLog({
      ...options,
      beforeLeaving: (segments) => carrier.beforeLeaving(segments),
    });
    this.#log = log;
    log.onProblem((problem) => {
      this.#problems.set(problem.folder ?? "", problem);
      this.#parts.onProblem(problem);
      this.#parts.onChanged();
    });
    log.onRecovered((folder) => {
      this.#problems.delete(folder ?? "");
      this.#parts.onChanged();
    });
    return log;
  }

  /** Seconds after which senders shall come back, because too much waits for the disk, or to the engine that comes next. */
  overloaded(): number | undefined {
    if (this.#isClosed) return RETRY_AFTER_SECONDS;
    const lagBytes = this.#log?.status.lagBytes ?? 0;
    return lagBytes > OVERLOAD_LAG_BYTES ? RETRY_AFTER_SECONDS : undefined;
  }

  /**
   * Settles when the request may be acknowledged (true): it is on disk, or the log is out of order and memory has to do.
   * What came from a file is not logged: there is the file. False where the log cannot keep up, or is closed; sent again, the request finds it less busy, or the next engine. Never rejects.
   */
  async request(record: Omit<RequestRecord, "kind">): Promise<boolean> {
    if (record.channel === "file") return true;
    const appended = await this.#log?.append({ kind: "request", ...record });
    return appended === undefined || appended.ok || !REFUSED.has(appended.error.code);
  }

  /** What cannot be written is told by the log itself. */
  control(record: ControlRecord): void {
    void this.#log?.append(record);
  }

  /** Where there was a log, nothing is acknowledged from here on: it would be in memory alone, and that ends soon. */
  async close(): Promise<void> {
    this.#isClosed = this.#log !== undefined;
    await this.#log?.close();
  }
}

/** Without the folder, which is in the message. */
function asProblem({ code, message, advice }: LogProblem): Problem {
  return advice === undefined ? { code, message } : { code, message, advice };
}
