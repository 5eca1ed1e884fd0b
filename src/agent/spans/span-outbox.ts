import { trace, type Context } from "@opentelemetry/api";
import type { Channel } from "../channel/channel.ts";
import {
  encodeResource,
  encodeSpans,
  type Attributes,
  type HrTime,
  type RecordedSpan,
  type SpanToEncode,
} from "../otlp/encode-spans.ts";
import type { SpanStops } from "../breakpoints/span-stops.ts";
import type { CapturedStack } from "../source/call-site.ts";
import type { ProgramFunction } from "../source/function-location.ts";
import { LiveSpan, type Evidence, type LocationRank } from "./live-spans.ts";

// Taken before the program, or its tests, replaces the clocks.
const later = setImmediate;
const now = performance.now.bind(performance);

/**
 * So many frames may go out at once, and so many more with each millisecond: a program that a person steps through is
 * told span by span, a busy one once per turn of the event loop. A frame costs a call into the system.
 */
const burstFrames = 16;
const framesPerMs = 0.05;
/** Spans that a program forgets to end must not pile up; the oldest are let go. */
const maxOpenSpans = 20_000;

/**
 * The end of both pipes, our own provider's and the one that a program's own SDK is teed into: sends each span when it
 * starts, when its location becomes known and when it ends.
 */
export class SpanOutbox {
  readonly #channel: Channel;
  readonly #resource: Attributes;
  readonly #stops: SpanStops | undefined;
  readonly #encodedResources = new WeakMap<object, Buffer>();
  readonly #open = new Map<object, LiveSpan>();
  /** Spans that were let go of while they ran: their end is told all the same. */
  readonly #letGo = new WeakMap<object, LiveSpan>();
  #unsent = new Set<LiveSpan>();
  #scheduled = false;
  #framesAllowed = burstFrames;
  #allowedAtMs = now();
  #exiting = false;
  #lastTime: HrTime = [0, 0];

  /** @param stops hears of each span after it was sent: a program that stands sends nothing more */
  constructor(channel: Channel, resource: Attributes, stops?: SpanStops) {
    this.#channel = channel;
    this.#resource = resource;
    this.#stops = stops;
  }

  /** @param callSite where it was started, if that is the program's code */
  onStart(span: RecordedSpan, context: Context, callSite: CapturedStack | undefined): void {
    if (this.#liveOf(span) !== undefined) return;
    const parentSpan = trace.getSpan(context);
    const parent = parentSpan === undefined ? undefined : this.#open.get(parentSpan);
    const live = new LiveSpan(span, parent, context, callSite);
    this.#open.set(span, live);
    this.#lastTime = span.startTime;
    if (this.#open.size > maxOpenSpans) this.#letGoOfOldest();
    this.#send(live);
    this.#stops?.started(span);
  }

  onEnd(span: RecordedSpan): void {
    const live = this.#liveOf(span);
    if (live === undefined || live.ended) return;
    live.ended = true;
    this.#open.delete(span);
    this.#lastTime = span.endTime;
    this.#send(live);
    this.#stops?.ended(span);
  }

  /** When the program last started or ended a span, as that span says, in nanoseconds since the epoch; 0 before the first. */
  get lastMoment(): bigint {
    const [seconds, nanos] = this.#lastTime;
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  }

  /** Tells which function of the person `span` (any object that was handed to onStart) stands for. */
  setDefinition(span: object, definition: ProgramFunction, rank: LocationRank, evidence: Evidence): void {
    const live = this.#liveOf(span);
    if (live === undefined || live.ended) return;
    if (!live.setDefinition(definition, rank, evidence)) return;
    this.#send(live);
    if (evidence === "handler") this.#stops?.handled(live.span, definition);
  }

  /** After a reconnection: what is running is told again, as the new listener knows nothing of it. */
  resendOpen(): void {
    for (const live of this.#open.values()) this.#unsent.add(live);
    this.flush();
  }

  /** A span that has not ended, and of those within it, itself included, the one that began last. */
  findOpen(
    traceId: string,
    spanId: string,
  ): { readonly span: RecordedSpan; readonly inner: RecordedSpan } | undefined {
    const all = [...this.#open.values()];
    const outer = all.find(({ span }) => {
      const found = span.spanContext();
      return found.spanId === spanId && found.traceId === traceId;
    });
    const inner = outer && all.findLast((live) => live.isInside(outer));
    return outer && inner && { span: outer.span, inner: inner.span };
  }

  openSpans(): Iterable<LiveSpan> {
    return this.#open.values();
  }

  /** From here on nothing is deferred: the event loop will not turn again. */
  exit(): void {
    this.#exiting = true;
    this.flush();
    this.#channel.flushAtExit();
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#unsent.size === 0) return;
    const spans = [...this.#unsent];
    this.#unsent = new Set();
    // A frame per resource: a teed SDK may name its service differently than we would.
    const byResource = new Map<object, SpanToEncode[]>();
    for (const live of spans) {
      const entry = { span: live.span, ended: live.ended, code: live.code() };
      const resource = live.span.resource ?? this.#resource;
      const group = byResource.get(resource);
      if (group === undefined) byResource.set(resource, [entry]);
      else group.push(entry);
    }
    for (const [resource, group] of byResource) {
      this.#channel.sendBinary(encodeSpans(this.#encodedResource(resource, group[0]?.span), group));
    }
  }

  /** Theirs where there is one, completed with what makes the process recognisable. */
  #encodedResource(resource: object, span: RecordedSpan | undefined): Buffer {
    const known = this.#encodedResources.get(resource);
    if (known !== undefined) return known;
    const encoded = encodeResource({
      ...this.#resource,
      ...span?.resource?.attributes,
      "process.pid": this.#resource["process.pid"],
      "spanlight.agent": this.#resource["spanlight.agent"],
    });
    // Some detectors of an SDK answer later; until then the resource may still grow.
    if (Reflect.get(resource, "asyncAttributesPending") !== true)
      this.#encodedResources.set(resource, encoded);
    return encoded;
  }

  #liveOf(span: object): LiveSpan | undefined {
    return this.#open.get(span) ?? this.#letGo.get(span);
  }

  #letGoOfOldest(): void {
    for (const [span, live] of this.#open) {
      this.#open.delete(span);
      this.#letGo.set(span, live);
      break;
    }
  }

  #send(live: LiveSpan): void {
    this.#unsent.add(live);
    if (this.#exiting) {
      this.exit();
      return;
    }
    if (this.#scheduled) return;
    if (this.#mayFlushNow()) {
      this.flush();
      return;
    }
    this.#scheduled = true;
    later(() => {
      this.flush();
    });
  }

  #mayFlushNow(): boolean {
    const atMs = now();
    this.#framesAllowed = Math.min(
      burstFrames,
      this.#framesAllowed + (atMs - this.#allowedAtMs) * framesPerMs,
    );
    this.#allowedAtMs = atMs;
    if (this.#framesAllowed < 1) return false;
    this.#framesAllowed--;
    return true;
  }
}
