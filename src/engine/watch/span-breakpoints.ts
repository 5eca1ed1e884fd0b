import { Emitter, type Listen } from "../../base/events.ts";
import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";
import { AgentBreakpoints } from "./agent-breakpoints.ts";
import { SlowSpans, type OpenSpan, type SlowSpan } from "./slow-spans.ts";

/** The engine's part in stopping by trace: agents stop at starts and ends, what runs too long is found here. */
export class SpanBreakpoints {
  readonly agents = new AgentBreakpoints();
  readonly #slow: SlowSpans;
  readonly #found = new Emitter<SlowSpan>();

  readonly onSlowSpan: Listen<SlowSpan> = this.#found.listen;

  /**
   * @param now milliseconds since the epoch
   * @param openSpans those that run at such a moment
   */
  constructor(now: () => number, openSpans: (atMs: number) => readonly OpenSpan[]) {
    this.#slow = new SlowSpans({
      openSpans: () => openSpans(now()),
      after: (delayMs, act) => {
        const timer = setTimeout(act, Math.min(delayMs, MAX_DELAY_MS)).unref();
        return () => clearTimeout(timer);
      },
      onFound: (span) => {
        // The host comes second: it waits for what the agents do.
        this.agents.stopIn(span, now());
        this.#found.emit(span);
      },
    });
  }

  set(breakpoints: readonly SpanBreakpoint[]): undefined {
    this.agents.set(breakpoints);
    this.#slow.set(breakpoints);
  }

  /** Spans or pauses have changed. */
  changed(): void {
    this.#slow.changed();
  }

  dispose(): void {
    this.#slow.dispose();
    this.#found.dispose();
  }
}

/** Node's timers take 32 bits. Looking early is harmless. */
const MAX_DELAY_MS = 2 ** 31 - 1;
