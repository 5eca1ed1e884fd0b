import { ServerResponse } from "node:http";
import { getRPCMetadata } from "@opentelemetry/core";

import { wrapMethod } from "../handlers/wrap-method.ts";
import type { RecordedSpan } from "../otlp/encode-spans.ts";
import { activeContext } from "../spans/active-context.ts";
import type { SpanStops } from "./span-stops.ts";

/**
 * A request's span ends when its answer has gone out, and then nothing of the program is on the stack any more. What it
 * ends with is known when the program gives the answer.
 */
export function watchAnswers(stops: SpanStops): void {
  wrapMethod(ServerResponse.prototype, "end", (original) => {
    return function end(this: unknown, ...args: unknown[]) {
      const stop = stops.watchesEnds ? answering(stops, this as ServerResponse) : undefined;
      const result = original.apply(this, args);
      // Only now: a step out of the stop would lead into what comes next.
      stop?.();
      return result;
    };
  });
}

function answering(stops: SpanStops, response: ServerResponse): (() => void) | undefined {
  try {
    const span = getRPCMetadata(activeContext())?.span;
    if (span === undefined || response.writableEnded) return undefined;
    return stops.answering(span as unknown as RecordedSpan, response.statusCode);
  } catch {
    // The program answers.
    return undefined;
  }
}
