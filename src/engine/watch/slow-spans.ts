import type { SessionId, SpanId, TraceId } from "../../model/ids.ts";
import { compileSpanMatch, type MatchableSpan, type SpanBreakpoint } from "../../protocol/span-breakpoint.ts";

/** A span that has not ended, at a moment that was asked for. */
export interface OpenSpan {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly name: string;
  readonly service: string;
  readonly sessionId: SessionId | undefined;
  readonly processId: number | undefined;
  /** The machine of that process, where the sender names one. */
  readonly host: string | undefined;
  /** Program time since it began, milliseconds. */
  readonly runningMs: number;
  /** Its process stands still, so that its time does, too. */
  readonly isPaused: boolean;
  /** Its time stands still: it is paused itself, or waits for somebody who is. */
  readonly isHeld: boolean;
  /** Reads what it takes to compare it. */
  readonly matchable: () => MatchableSpan;
}

/** A span that runs for longer than a breakpoint allows. */
export interface SlowSpan extends Pick<
  OpenSpan,
  "traceId" | "spanId" | "name" | "service" | "sessionId" | "processId" | "host" | "runningMs"
> {
  readonly breakpointId: string;
}

export interface SlowSpansOptions {
  readonly openSpans: () => readonly OpenSpan[];
  /** Calls back once after so many milliseconds. @returns what calls that off */
  readonly after: (delayMs: number, act: () => void) => () => void;
  readonly onFound: (span: SlowSpan) => void;
}

interface SlowRule {
  readonly id: string;
  readonly overMs: number;
  readonly matches: (span: MatchableSpan) => boolean;
}

/** A burst of changes is looked at once; a deadline counts from the span's start, not from here. */
const GATHER_MS = 20;
/** A timer may come a little early by the clock of the spans. */
const TOO_EARLY_MS = 0.5;
const MAX_TOLD = 10_000;

/**
 * Finds spans that run too long. It looks when spans or pauses have changed, and at the nearest deadline, for which there is
 * one timer; without rules it does nothing.
 */
export class SlowSpans {
  readonly #options: SlowSpansOptions;
  #rules: readonly SlowRule[] = [];
  readonly #told = new Set<string>();
  #gathering: (() => void) | undefined;
  #deadline: (() => void) | undefined;

  constructor(options: SlowSpansOptions) {
    this.#options = options;
  }

  set(breakpoints: readonly SpanBreakpoint[]): void {
    this.#rules = breakpoints.flatMap((breakpoint) => {
      const { id, enabled, moment, overMs } = breakpoint;
      const isOurs = enabled && moment === "slow" && overMs !== undefined && overMs >= 0;
      return isOurs ? [{ id, overMs, matches: compileSpanMatch(breakpoint) }] : [];
    });
    this.changed();
  }

  /** Spans have come or ended, or a pause has begun or ended. */
  changed(): void {
    if (this.#rules.length === 0) this.dispose();
    else this.#gathering ??= this.#options.after(GATHER_MS, () => this.#look());
  }

  dispose(): void {
    this.#gathering?.();
    this.#deadline?.();
    this.#gathering = undefined;
    this.#deadline = undefined;
  }

  #look(): void {
    this.dispose();
    let nearestMs = Number.POSITIVE_INFINITY;
    for (const span of this.#options.openSpans()) {
      if (span.isPaused) continue;
      const state = span.matchable();
      for (const rule of this.#rules) {
        if (!rule.matches(state) || this.#told.has(keyOf(rule, span))) continue;
        const leftMs = rule.overMs - span.runningMs;
        if (leftMs <= TOO_EARLY_MS) this.#tell(rule, span);
        // Its deadline moves along with the clock; the end of the pause is a change.
        else if (!span.isHeld) nearestMs = Math.min(nearestMs, leftMs);
      }
    }
    if (nearestMs < Number.POSITIVE_INFINITY)
      this.#deadline = this.#options.after(Math.ceil(nearestMs), () => this.#look());
  }

  #tell(rule: SlowRule, span: OpenSpan): void {
    if (this.#told.size >= MAX_TOLD) this.#told.clear();
    this.#told.add(keyOf(rule, span));
    const { traceId, spanId, name, service, sessionId, processId, host, runningMs } = span;
    this.#options.onFound({
      breakpointId: rule.id,
      ...{ traceId, spanId, name, service, sessionId, processId, host, runningMs },
    });
  }
}

function keyOf({ id }: SlowRule, { traceId, spanId }: OpenSpan): string {
  return `${id} ${traceId} ${spanId}`;
}
