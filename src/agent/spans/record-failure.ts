import { SpanStatusCode, type Span } from "@opentelemetry/api";

/** Marks a span as failed with what was thrown. It does not end the span. */
export function recordFailure(span: Span, thrown: unknown): void {
  span.recordException(thrown instanceof Error ? thrown : String(thrown));
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: thrown instanceof Error ? thrown.message : String(thrown),
  });
}
