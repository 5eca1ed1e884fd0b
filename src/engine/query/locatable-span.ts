import type { SessionId } from "../../model/ids.ts";
import type { Attribute, SpanEvent, SpanKind } from "../../model/span.ts";

/** What of a span tells its places in code. */
export interface LocatableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly resource: readonly Attribute[];
  readonly service: string;
  readonly session: SessionId | undefined;
}
