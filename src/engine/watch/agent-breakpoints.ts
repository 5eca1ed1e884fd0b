import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";
import type { SlowSpan } from "./slow-spans.ts";

/** Hands the span breakpoints to the agents of all processes: when they connect and when breakpoints change. */
export class AgentBreakpoints {
  readonly #agents = new Map<number, (text: string) => void>();
  #breakpoints: readonly SpanBreakpoint[] = [];

  set(breakpoints: readonly SpanBreakpoint[]): void {
    this.#breakpoints = breakpoints.filter(({ enabled, moment }) => enabled && moment !== "slow");
    for (const say of this.#agents.values()) say(this.#text());
  }

  /** @param say sends the agent a text frame */
  connected(connection: number, say: (text: string) => void): void {
    this.#agents.set(connection, say);
    // Also where there are none: a process may have started with some that are gone by now.
    say(this.#text());
  }

  /**
   * Asks for a stop in a span that runs too long. The agent that has it stops its program if that waits, which a debugger's
   * `pause` alone could not: Node stops at the next statement that it executes.
   */
  stopIn({ breakpointId, traceId, spanId }: SlowSpan, atMs: number): void {
    const text = JSON.stringify({ type: "stop-in-span", breakpointId, traceId, spanId, atMs });
    for (const say of this.#agents.values()) say(text);
  }

  gone(connection: number): void {
    this.#agents.delete(connection);
  }

  #text(): string {
    return JSON.stringify({ type: "span-breakpoints", breakpoints: this.#breakpoints });
  }
}
