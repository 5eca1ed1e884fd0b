import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";

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

  gone(connection: number): void {
    this.#agents.delete(connection);
  }

  #text(): string {
    return JSON.stringify({ type: "span-breakpoints", breakpoints: this.#breakpoints });
  }
}
