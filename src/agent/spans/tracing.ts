import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  context,
  propagation,
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
  const sdk = new BasicTracerProvider({
    resource: resourceFromAttributes(resource),
    sampler: new AlwaysOnSampler(),
    spanLimits: { attributeValueLengthLimit: maxAttributeLength },
    spanProcessors: [new OutboxProcessor(outbox)],
  });
  const provider: TracerProvider = {
    getTracer: (name, version, options) =>
      new GatedTracer(sdk.getTracer(name, version, options), () => active),
  };
  const contextManager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contextManager);
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

/** Gives spans that record nothing once we stand aside, to instrumentations whose patches cannot be taken back. */
class GatedTracer implements Tracer {
  readonly #tracer: Tracer;
  readonly #active: () => boolean;

  constructor(tracer: Tracer, active: () => boolean) {
    this.#tracer = tracer;
    this.#active = active;
  }

  startSpan(name: string, options?: SpanOptions, spanContext?: Context): ReturnType<Tracer["startSpan"]> {
    if (!this.#active()) return trace.wrapSpanContext({ traceId: "", spanId: "", traceFlags: 0 });
    return this.#tracer.startSpan(name, options, spanContext);
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
  readonly #outbox: SpanOutbox;
  #epochOffsetMs = performance.timeOrigin;

  constructor(outbox: SpanOutbox) {
    this.#outbox = outbox;
  }

  onStart(span: Span, parentContext: Context): void {
    try {
      this.#refineStart(span);
      // eslint-disable-next-line @typescript-eslint/unbound-method -- only its identity matters: the stack begins below it
      const below = GatedTracer.prototype.startSpan;
      this.#outbox.onStart(span, parentContext, below);
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
    const startedMs: unknown = Reflect.get(span, "_performanceStartTime");
    if (Reflect.get(span, "_startTimeProvided") !== false || typeof startedMs !== "number") return;
    const reportedMs = span.startTime[0] * 1e3 + span.startTime[1] / 1e6;
    if (Math.abs(this.#epochOffsetMs + startedMs - reportedMs) > maxClockDriftMs) {
      this.#epochOffsetMs = reportedMs - startedMs;
    }
    const exactMs = this.#epochOffsetMs + startedMs;
    const seconds = Math.floor(exactMs / 1e3);
    Reflect.set(span, "startTime", [seconds, Math.round((exactMs - seconds * 1e3) * 1e6)]);
  }
}
