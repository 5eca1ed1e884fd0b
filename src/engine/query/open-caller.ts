import type { SpanRow } from "../../model/ids.ts";
import type { AttributeValue, Span } from "../../model/span.ts";
import { indexInChunk, STATE_RUNNING, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { isEarlier } from "../store/trace-table.ts";
import { readSpan } from "./read-span.ts";

interface Candidate {
  readonly row: SpanRow;
  readonly chunk: SpanChunk;
  readonly i: number;
  readonly rank: number;
}

/**
 * What may have called a span whose parent has not arrived: an unfinished span of its trace in another process, which
 * began before it. A guess, by these in turn:
 * 1. a client's span that names where the called one is served; one that names another place, or whose callee has
 *    arrived, made another call
 * 2. a process that does not tell of all its unfinished spans, as those with our agent do: their calls would be known
 * 3. the span that began last
 */
export function openCaller(store: SpanStore, slot: number, callee: SpanRow): SpanRow | undefined {
  const called = store.chunkOf(callee);
  const calledSpan = readSpan(store, callee);
  if (called === undefined || calledSpan === undefined) return undefined;
  const calledAt = indexInChunk(callee);
  const session = store.originAt(called, calledAt)?.session;
  const answered = parentsIn(store, slot);
  let best: Candidate | undefined;
  for (const row of store.rowsOf(slot)) {
    const chunk = store.chunkOf(row);
    const i = indexInChunk(row);
    if (chunk?.state[i] !== STATE_RUNNING) continue;
    const origin = store.originAt(chunk, i);
    if (origin === undefined || origin.session === session || beganBefore(called, calledAt, chunk, i))
      continue;
    const span = readSpan(store, row as SpanRow);
    if (span === undefined) continue;
    const fit = fitOf(span, calledSpan, answered.has(keyOf(chunk.idHigh[i], chunk.idLow[i])));
    if (fit === "other") continue;
    const rank = fit === "named" ? 2 : origin.channel === "agent" ? 0 : 1;
    const isBetter = best === undefined || rank > best.rank;
    if (isBetter || (rank === best?.rank && beganBefore(best.chunk, best.i, chunk, i)))
      best = { row: row as SpanRow, chunk, i, rank };
  }
  return best?.row;
}

/** How a span's own words fit with its having called another one. */
function fitOf(span: Span, called: Span, isAnswered: boolean): "named" | "unknown" | "other" {
  if (span.kind !== "client" && span.kind !== "producer") return "unknown";
  if (isAnswered) return "other";
  const target = portOf(span, CALLED_PORT);
  const served = portOf(called, SERVED_PORT);
  if (target === undefined || served === undefined) return "unknown";
  return target === served ? "named" : "other";
}

/** Ids of the spans that others of the trace name as their parent. */
function parentsIn(store: SpanStore, slot: number): ReadonlySet<string> {
  const parents = new Set<string>();
  for (const row of store.rowsOf(slot)) {
    const chunk = store.chunkOf(row);
    const i = indexInChunk(row);
    if (chunk !== undefined) parents.add(keyOf(chunk.parentHigh[i], chunk.parentLow[i]));
  }
  return parents;
}

function keyOf(high = 0, low = 0): string {
  return `${high | 0}:${low | 0}`;
}

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

function beganBefore(a: SpanChunk, i: number, b: SpanChunk, j: number): boolean {
  return isEarlier(a.startHigh[i] ?? 0, a.startLow[i] ?? 0, b.startHigh[j] ?? 0, b.startLow[j] ?? 0);
}
