import type { SessionId } from "../model/ids.ts";
import type { AgentProcess } from "../model/session.ts";
import type { AgentHello } from "./receive/sink.ts";

/** Processes that are gone are shown for a while; a program that starts a child a second must not fill the memory. */
const MAX_GONE = 100;

/** The processes whose agents are or were connected, in the order in which they came. */
export class AgentRegistry {
  readonly #agents = new Map<number, AgentProcess>();

  get all(): readonly AgentProcess[] {
    return [...this.#agents.values()];
  }

  connected(connection: number, sessionId: SessionId | undefined, hello: AgentHello): void {
    const { pid, runtime, runtimeVersion, service, ownSdk } = hello;
    this.#agents.set(connection, {
      sessionId,
      pid,
      runtime,
      runtimeVersion,
      service,
      ownSdk,
      connected: true,
      spanCount: 0,
    });
  }

  foundOwnSdk(connection: number): void {
    this.#change(connection, { ownSdk: true });
  }

  countSpans(connection: number, spanCount: number): void {
    const before = this.#agents.get(connection)?.spanCount ?? 0;
    this.#change(connection, { spanCount: before + spanCount });
  }

  gone(connection: number): void {
    this.#change(connection, { connected: false });
    const gone = [...this.#agents].filter(([, agent]) => !agent.connected);
    for (const [oldest] of gone.slice(0, -MAX_GONE)) this.#agents.delete(oldest);
  }

  #change(connection: number, change: Partial<AgentProcess>): void {
    const agent = this.#agents.get(connection);
    if (agent !== undefined) this.#agents.set(connection, { ...agent, ...change });
  }
}
