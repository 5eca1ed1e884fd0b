import type { SpanCondition } from "./span-condition.ts";

/** What a trace has to meet: by itself, or by having a span (negated: having none) that meets a condition. */
export type TraceCondition = {
  /** What a person typed for it, where it was typed. */
  readonly text?: string;
} & (
  | { readonly kind: "trace"; readonly test: (slot: number) => boolean }
  | { readonly kind: "span"; readonly span: SpanCondition; readonly negated: boolean }
);
