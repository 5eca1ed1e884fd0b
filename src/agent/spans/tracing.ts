import {
  context,
  propagation,
  SpanKind,
  trace,
  type Context,
  type ContextManager,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  type Span,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";

import type { Attributes, RecordedSpan } from "../otlp/encode-spans.ts";
import type { CapturedStack } from "../source/call-site.ts";
import { AsyncLocalStorageContextManager } from "../stack-frames.ts";
import { captureCallSite } from "./span-call-site.ts";
import type { SpanOutbox } from "./span-outbox.ts";

/** Values longer than this are cut: an attribute is to be read, and each is sent twice. */
const maxAttributeLength = 32 * 1024;
/** Wall and monotonic clock further apart than this mean that the machine slept or its clock was set. */
const maxClockDriftMs = 50;

/** The provider, context manager and propagator that our instrumentations use, through the API that is bundled with them. */
export interface Tracing {
  readonly provider: TracerProvider;
  readonly contextManager: ContextManager;
  /** Whether our instrumentations make spans; off for good once the program turns out to have an SDK of its own. */
  active(): boolean;
  standAside(): void;
}

/** Registers everything with the bundled API, which is not the one that the program may have loaded. */
export function startTracing(outbox: SpanOutbox, resource: Attributes): Tracing {
  let active = true;
  const processor = new OutboxProcessor(outbox);
  const sdk = new BasicTracerProvider({
    resource: resourceFromAttributes(resource),
    sampler: new AlwaysOnSampler(),
    spanLimits: { attributeValueLengthLimit: maxAttributeLength },
    spanProcessors: [processor],
  });
  const provider: TracerProvider = {
    getTracer: (name, version, options) =>
      new GatedTracer(name, sdk.getTracer(name, version, options), processor, () => active),
  };
  const contextManager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contextManager);
  // The API's own would be one more frame in every stack, with all names of the API around it.
  context.with = contextManager.with.bind(contextManager);
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  return {
    provider,
    contextManager,
    active: () => active,
    standAside() {
      active = false;
      propagation.disable();
    },
  };
}

/**
 * Records who starts a span, and gives spans that record nothing once we stand aside, to instrumentations whose
 * patches cannot be taken back.
 */
class GatedTracer implements Tracer {
  readonly #scope: string;
  readonly #tracer: Tracer;
  readonly #processor: OutboxProcessor;
  readonly #active: () => boolean;

  constructor(scope: string, tracer: Tracer, processor: OutboxProcessor, active: () => boolean) {
    this.#scope = scope;
    this.#tracer = tracer;
    this.#processor = processor;
    this.#active = active;
  }

  startSpan(name: string, options?: SpanOptions, spanContext?: Context): ReturnType<Tracer["startSpan"]> {
    if (!this.#active()) return trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 });
    // eslint-disable-next-line @typescript-eslint/unbound-method -- only its identity matters: the stack begins below it
    const below = GatedTracer.prototype.startSpan;
    this.#processor.callSite = captureCallSite(this.#scope, options?.kind ?? SpanKind.INTERNAL, below);
    try {
      return this.#tracer.startSpan(name, options, spanContext);
    } finally {
      this.#processor.callSite = undefined;
    }
  }

  startActiveSpan(name: string, ...rest: unknown[]): never {
    // The interface has three overloads that differ in where the function stands.
    const run = rest.pop() as (span: ReturnType<Tracer["startSpan"]>) => unknown;
    const [options, given] = rest as [SpanOptions | undefined, Context | undefined];
    const parent = given ?? context.active();
    const span = this.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), () => run(span)) as never;
  }
}

class OutboxProcessor implements SpanProcessor {
  /** Of the span that is being started: the SDK calls us within that. */
  callSite: CapturedStack | undefined;
  readonly #outbox: SpanOutbox;
  #epochOffsetMs = performance.timeOrigin;

  constructor(outbox: SpanOutbox) {
    this.#outbox = outbox;
  }

  onStart(span: Span, parentContext: Context): void {
    try {
      this.#refineStart(span);
      this.#outbox.onStart(span, parentContext, this.callSite);
    } catch {
      // A span that cannot be told is no reason to disturb the program.
    }
  }

  onEnd(span: RecordedSpan): void {
    try {
      this.#outbox.onEnd(span);
    } catch {
      // As above.
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * The SDK takes the start from Date.now(), whole milliseconds, so that a child could begin before its parent. The same
   * moment from the monotonic clock is exact to the microsecond.
   */
  #refineStart(span: Span): void {
    const clock = span as unknown as SpanClock;
    const startedMs = clock._performanceStartTime;
    if (clock._startTimeProvided !== false || typeof startedMs !== "number") return;
    const reportedMs = span.startTime[0] * 1e3 + span.startTime[1] / 1e6;
    if (Math.abs(this.#epochOffsetMs + startedMs - reportedMs) > maxClockDriftMs) {
      this.#epochOffsetMs = reportedMs - startedMs;
    }
    const exactMs = this.#epochOffsetMs + startedMs;
    const seconds = Math.floor(exactMs / 1e3);
    clock.startTime = [seconds, Math.round((exactMs - seconds * 1e3) * 1e6)];
  }
}

/** What the SDK that is bundled keeps of a span's start. */
interface SpanClock {
  readonly _performanceStartTime?: unknown;
  readonly _startTimeProvided?: unknown;
  startTime: readonly [seconds: number, nanos: number];
}
