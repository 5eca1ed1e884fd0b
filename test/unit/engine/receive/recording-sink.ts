import type { SessionId } from "../../../../src/model/ids.ts";
import type {
  AgentHello,
  Encoding,
  Ingested,
  Origin,
  TelemetrySink,
} from "../../../../src/engine/receive/sink.ts";

export interface RecordedExport {
  readonly signal: "traces" | "metrics" | "logs";
  readonly body: string;
  readonly encoding: Encoding;
  readonly origin: Origin;
}

export const NOTHING_WRONG: Ingested = { acceptedCount: 1, rejectedCount: 0, message: "", malformed: false };

/** Takes everything, remembers it, and answers as it is told. */
export class RecordingSink implements TelemetrySink {
  answer: Ingested = NOTHING_WRONG;
  readonly exports: RecordedExport[] = [];
  readonly agents: string[] = [];

  traces(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    return this.#record({ signal: "traces", body: textOf(body), encoding, origin });
  }

  takeInSlices(
    signal: RecordedExport["signal"],
    body: Uint8Array,
    encoding: Encoding,
    origin: Origin,
  ): Promise<Ingested> {
    return Promise.resolve(this[signal](body, encoding, origin));
  }

  metrics(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    return this.#record({ signal: "metrics", body: textOf(body), encoding, origin });
  }

  logs(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    return this.#record({ signal: "logs", body: textOf(body), encoding, origin });
  }

  agentConnected(connection: number, sessionId: SessionId | undefined, hello: AgentHello): void {
    this.agents.push(
      `${connection} connected to ${sessionId ?? "none"} as ${hello.service} pid ${hello.pid}`,
    );
  }

  agentFoundOwnSdk(connection: number): void {
    this.agents.push(`${connection} has its own SDK`);
  }

  agentHeld(connection: number, isHeld: boolean, atUnixNano: bigint): void {
    this.agents.push(`${connection} ${isHeld ? "held" : "released"} at ${atUnixNano}`);
  }

  agentGone(connection: number): void {
    this.agents.push(`${connection} gone`);
  }

  #record(one: RecordedExport): Ingested {
    this.exports.push(one);
    return this.answer;
  }
}

/** Bodies of these tests are short texts, or so long that only their length matters. */
function textOf(body: Uint8Array): string {
  return body.length > 1000 ? `${body.length} bytes` : Buffer.from(body).toString("latin1");
}
