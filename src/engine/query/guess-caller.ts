import type { SpanRow } from "../../model/ids.ts";
import type { AttributeValue, Span } from "../../model/span.ts";
import type { SpanOrigin } from "../store/origin-table.ts";
import { chunkIndexOf, indexInChunk, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { ROLE_OF_KIND } from "./code-operations.ts";
import { readSpan } from "./read-span.ts";
import { SpanProcesses } from "./span-process.ts";
import type { SpanTimes } from "./span-times.ts";
import type { TraceOrder } from "./trace-order.ts";

/** Attributes are read of no more spans than this, so that a trace of nothing but calls costs milliseconds. */
const MAX_READ = 1000;

/**
 * Guesses what called a span whose parent has not arrived: a span of its trace that began before it and lasts at least as
 * long. Of several, by these in turn:
 * 1. for a span that does not answer a call, one of its own process that makes none
 * 2. a call whose attributes name where the called one is served
 * 3. a span of a process that does not tell of all its unfinished spans, as those with our agent do: their calls would
 *    be known
 * 4. a call to another place, of which nothing has arrived: that place may have called on
 * 5. the span that began last
 *
 * A call whose callee has arrived, and one to a database, called nobody else.
 */
export class CallerGuess {
  readonly #store: SpanStore;
  readonly #order: TraceOrder;
  readonly #times: SpanTimes;
  readonly #processes: SpanProcesses;
  readonly #hasChild: Uint8Array;
  #readCount = 0;

  constructor(store: SpanStore, order: TraceOrder, times: SpanTimes) {
    this.#store = store;
    this.#order = order;
    this.#times = times;
    this.#processes = new SpanProcesses(store);
    this.#hasChild = new Uint8Array(order.rows.length);
    for (const parent of order.parent) if (parent >= 0) this.#hasChild[parent] = 1;
  }

  /**
   * The caller's index in the order; undefined where none fits.
   * @param mayCall says no to spans that are not wanted, however well they fit
   */
  of(callee: number, mayCall: (index: number) => boolean = () => true): number | undefined {
    const { start, end } = this.#times;
    const from = start[callee] ?? 0;
    const to = end[callee] ?? 0;
    const called = this.#calledAt(callee);
    if (called === undefined) return undefined;
    let best: number | undefined;
    let bestRank = 0;
    for (let n = 0; n < start.length; n++) {
      if ((start[n] ?? 0) > from || (end[n] ?? 0) < to || n === callee) continue;
      const rank = this.#rank(n, called);
      if (rank < bestRank || rank === RANK.none) continue;
      if (rank === bestRank && best !== undefined && (start[n] ?? 0) < (start[best] ?? 0)) continue;
      if (!mayCall(n)) continue;
      best = n;
      bestRank = rank;
    }
    return best;
  }

  #calledAt(index: number): Called | undefined {
    const at = this.#at(index);
    const span = this.#read(index);
    if (at === undefined || span === undefined) return undefined;
    // What the debugger has found has no kind.
    const answers =
      ROLE_OF_KIND[at.kind] === "handles" ||
      (span.kind === "unspecified" && span.attributes.some(({ key }) => ANSWERING.has(key)));
    return { ...at, answers, served: portOf(span, SERVED_PORT) };
  }

  #rank(index: number, called: Called): number {
    const at = this.#at(index);
    if (at === undefined) return RANK.none;
    const { chunk, i, origin } = at;
    // Children of one missing parent are no callers of each other.
    if (chunk.parentHigh[i] === called.parentHigh && chunk.parentLow[i] === called.parentLow)
      return RANK.none;
    const calls = ROLE_OF_KIND[at.kind] === "calls";
    if (isSameProcess(at, called)) return calls || called.answers ? RANK.none : RANK.sameProcess;
    const other = origin.channel === "agent" ? RANK.agent : RANK.untold;
    return calls ? this.#rankOfCall(index, called.served, other) : other;
  }

  #rankOfCall(index: number, served: number | undefined, other: number): number {
    if (this.#hasChild[index] === 1) return RANK.none;
    const span = this.#readCount < MAX_READ ? this.#read(index) : undefined;
    if (span === undefined) return RANK.elsewhere;
    if (span.attributes.some(({ key }) => DATABASE.has(key))) return RANK.none;
    const target = portOf(span, CALLED_PORT);
    if (target === undefined || served === undefined) return other;
    return target === served ? RANK.named : RANK.elsewhere;
  }

  #at(index: number): SpanAt | undefined {
    const row = this.#order.rows[index] ?? -1;
    const chunk = this.#store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    const origin = chunk && this.#store.originAt(chunk, i);
    if (chunk === undefined || origin === undefined) return undefined;
    const { processId } = this.#processes.processOf(chunk, i);
    const kind = chunk.kind[i] ?? 0;
    return {
      chunk,
      i,
      origin,
      processId,
      kind,
      parentHigh: chunk.parentHigh[i],
      parentLow: chunk.parentLow[i],
    };
  }

  #read(index: number): Span | undefined {
    this.#readCount++;
    return readSpan(this.#store, (this.#order.rows[index] ?? -1) as SpanRow);
  }
}

const RANK = { none: 0, agent: 1, elsewhere: 2, untold: 3, named: 4, sameProcess: 5 } as const;

interface SpanAt {
  readonly chunk: SpanChunk;
  readonly i: number;
  readonly origin: SpanOrigin;
  readonly processId: number | undefined;
  /** Index into SPAN_KINDS. */
  readonly kind: number;
  readonly parentHigh: number | undefined;
  readonly parentLow: number | undefined;
}

interface Called extends SpanAt {
  /** As a server's or a consumer's span does: its caller is another process. */
  readonly answers: boolean;
  /** The port at which it was called. */
  readonly served: number | undefined;
}

function isSameProcess(a: SpanAt, b: SpanAt): boolean {
  if (a.origin.session !== b.origin.session) return false;
  if (a.origin.session === undefined) return a.origin.service === b.origin.service;
  return a.processId === undefined || b.processId === undefined || a.processId === b.processId;
}

/** What only the span of an answer has, in the semantic conventions of today and before 1.20. */
const ANSWERING: ReadonlySet<string> = new Set(["http.route", "url.path", "http.target"]);

/** Semantic conventions for databases, today's and before 1.26. */
const DATABASE: ReadonlySet<string> = new Set(["db.system.name", "db.system"]);

/** Semantic conventions for HTTP and RPC, today's and before 1.20: as a number, or in a URL or a host with its port. */
const CALLED_PORT = ["server.port", "net.peer.port", "url.full", "http.url"] as const;
const SERVED_PORT = ["server.port", "net.host.port", "url.full", "http.url", "http.host"] as const;

function portOf({ attributes }: Span, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = attributes.find((attribute) => attribute.key === key)?.value;
    const port = value === undefined ? undefined : portIn(value);
    if (port !== undefined) return port;
  }
  return undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

function portIn(value: AttributeValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const plain = /^(?:[^/]*:)?(\d{1,5})$/.exec(value)?.[1];
  if (plain !== undefined) return Number(plain);
  if (!URL.canParse(value)) return undefined;
  const { port, protocol } = new URL(value);
  return port === "" ? DEFAULT_PORTS[protocol] : Number(port);
}
