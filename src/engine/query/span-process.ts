import type { AttributeValue } from "../../model/span.ts";
import type { IntervalSet } from "../pause/interval-set.ts";
import type { SpanProcess } from "../pause/pause-book.ts";
import type { SpanOrigin } from "../store/origin-table.ts";
import type { SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAttributesOf } from "./attribute-values.ts";
import { attributesOfRow } from "./span-attributes.ts";

/**
 * Finds the process of each span, and when it was paused. The process is that of the resource (`process.pid`, which our
 * agent and most SDKs send, and `host.name`); without one it is the session's, if only one process is known of that.
 * Holds until the store changes.
 */
export class SpanProcesses {
  readonly #store: SpanStore;
  readonly #ofOrigin: (SpanProcess | undefined)[] = [];
  #pidsOfSession: ReadonlyMap<string, ReadonlySet<number>> | undefined;

  constructor(store: SpanStore) {
    this.#store = store;
  }

  /** When the process of the span at this index of a chunk was paused; undefined for never. */
  pausesOf(chunk: SpanChunk, index: number): IntervalSet | undefined {
    return this.#store.pauses.setOf(this.processOf(chunk, index));
  }

  processOf(chunk: SpanChunk, index: number): SpanProcess {
    const number = chunk.origin[index] ?? 0;
    const process = (this.#ofOrigin[number] ??= this.#find(this.#store.origins.get(number)));
    if (!this.#store.pauses.hasThreads) return process;
    // Attributes of the span (OpenTelemetry's semantic conventions, general attributes).
    const name = attributesOfRow(this.#store, chunk, index).find(({ key }) => key === "thread.name")?.value;
    return { ...process, threadName: typeof name === "string" ? name : undefined };
  }

  #find(origin: SpanOrigin | undefined): SpanProcess {
    const sessionId = origin?.session;
    const { pid, host } = origin === undefined ? NOTHING_SAID : identityOf(origin);
    const processId = pid ?? (sessionId === undefined ? undefined : this.#onlyProcessOf(sessionId));
    return { sessionId, processId, host, threadName: undefined };
  }

  /** Undefined where none is known. Where there are several, none is meant: NaN is no process at all. */
  #onlyProcessOf(sessionId: string): number | undefined {
    this.#pidsOfSession ??= this.#readSessions();
    const pids = this.#pidsOfSession.get(sessionId);
    if (pids === undefined) return undefined;
    const [only] = pids;
    return pids.size === 1 ? only : Number.NaN;
  }

  #readSessions(): ReadonlyMap<string, ReadonlySet<number>> {
    const sessions = new Map<string, Set<number>>();
    const add = (sessionId: string | undefined, pid: number | undefined): void => {
      if (sessionId === undefined || pid === undefined) return;
      const pids = sessions.get(sessionId);
      if (pids === undefined) sessions.set(sessionId, new Set([pid]));
      else pids.add(pid);
    };
    for (const origin of this.#store.origins.all)
      if (origin !== undefined) add(origin.session, identityOf(origin).pid);
    for (const { pause } of this.#store.pauses.all) add(pause.sessionId, pause.processId);
    return sessions;
  }
}

interface Identity {
  readonly pid: number | undefined;
  readonly host: string | undefined;
}

const NOTHING_SAID: Identity = { pid: undefined, host: undefined };

const identities = new WeakMap<SpanOrigin, Identity>();

function identityOf(origin: SpanOrigin): Identity {
  const known = identities.get(origin);
  if (known !== undefined) return known;
  const { resource } = origin;
  const attributes = new Map<string, AttributeValue>(
    readAttributesOf(resource, 0, resource.length, 0x0a).map(({ key, value }) => [key, value]),
  );
  const pid = attributes.get("process.pid");
  const host = attributes.get("host.name");
  const identity: Identity = {
    pid: typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined,
    host: typeof host === "string" ? host : undefined,
  };
  identities.set(origin, identity);
  return identity;
}
