import type { Context } from "@opentelemetry/api";

import { wrapMethod } from "../handlers/wrap-method.ts";
import type { RecordedSpan } from "../otlp/encode-spans.ts";
import { scopeName } from "../spans/live-spans.ts";
import { captureCallSite } from "../spans/span-call-site.ts";
import type { SpanOutbox } from "../spans/span-outbox.ts";

/**
 * Lets the outbox see each span of a program's own tracer provider (SDK 1.x, 2.x and 3.x). The provider's processors,
 * exporters and spans stay as they are: neither a processor is added, which would take part in its shutdown, nor an
 * attribute, which would reach its backend.
 * @returns whether the provider is of a kind that can be teed
 */
export function teeProvider(provider: object, outbox: SpanOutbox): boolean {
  const target = innermost(provider);
  const teed = new WeakSet<object>();
  const tee = (processor: unknown): boolean => {
    if (typeof processor !== "object" || processor === null) return false;
    if (!teed.has(processor)) {
      teed.add(processor);
      teeProcessor(processor, outbox);
    }
    return true;
  };
  // SDK 1.x asks for the processor at each span, and replaces it when another one is added.
  if (typeof Reflect.get(target, "getActiveSpanProcessor") === "function") {
    wrapMethod(target, "getActiveSpanProcessor", (original) => {
      return function getActiveSpanProcessor(this: unknown) {
        const processor = original.call(this);
        tee(processor);
        return processor;
      };
    });
    return true;
  }
  return tee(Reflect.get(target, "_activeSpanProcessor"));
}

/** Proxies and wrapping providers lead to theirs by `getDelegate`. */
function innermost(provider: object): object {
  let target = provider;
  for (let depth = 0; depth < 5; depth++) {
    const getDelegate: unknown = Reflect.get(target, "getDelegate");
    if (typeof getDelegate !== "function") break;
    const delegate: unknown = getDelegate.call(target);
    if (typeof delegate !== "object" || delegate === null || delegate === target) break;
    target = delegate;
  }
  return target;
}

function teeProcessor(processor: object, outbox: SpanOutbox): void {
  wrapMethod(processor, "onStart", (original) => {
    return function onStart(this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      try {
        const span = args[0] as RecordedSpan;
        outbox.onStart(span, args[1] as Context, captureCallSite(scopeName(span), span.kind, onStart));
      } catch {
        // Their span goes on without being told here.
      }
      return result;
    };
  });
  wrapMethod(processor, "onEnd", (original) => {
    return function onEnd(this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      try {
        outbox.onEnd(args[0] as RecordedSpan);
      } catch {
        // As above.
      }
      return result;
    };
  });
}
