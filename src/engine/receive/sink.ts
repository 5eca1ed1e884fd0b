import type { SessionId } from "../../model/ids.ts";
import type { Signal } from "./endpoint.ts";

/** Where a request came from. */
export interface Origin {
  /** The session of the `/s/<id>` endpoint or of the gRPC header; undefined on the plain paths. */
  readonly sessionId: SessionId | undefined;
  readonly channel: "http" | "grpc" | "agent" | "file" | "debugger";
  /** The agent's connection, a number that no other connection of this engine has; on the agent's channel only. */
  readonly connection?: number;
}

export type Encoding = "protobuf" | "json";

/** What became of one export request. */
export interface Ingested {
  readonly acceptedCount: number;
  /** Spans that were refused, each for a fault of its own; the others of the request are kept. */
  readonly rejectedCount: number;
  /** What was wrong, for the reply's partial success; empty where nothing was. */
  readonly message: string;
  /** The body as a whole could not be read: answered with 400 or INVALID_ARGUMENT. Spans before the fault are kept all the same. */
  readonly malformed: boolean;
  /**
   * Settles before the request may be acknowledged; absent where it may be at once. False: nothing was wrong with it, and
   * the sender shall send it again. Never rejects.
   */
  readonly logged?: Promise<boolean> | undefined;
}

/** What the agent says of its process when it connects. */
export interface AgentHello {
  readonly pid: number;
  readonly ppid: number;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly service: string;
  readonly ownSdk: boolean;
  readonly worker: boolean;
}

/** Whether taking a body at once would keep others waiting. */
export function isLargeBody(signal: Signal, { length }: Uint8Array): boolean {
  return length >= LARGE_BODY_BYTES[signal];
}

/** Some 30 ms of the smallest items, and for traces twice what SDKs send at once. */
const LARGE_BODY_BYTES = { traces: 512 * 1024, metrics: 128 * 1024, logs: 512 * 1024 };

/** Takes what the receivers read off their sockets. */
export interface TelemetrySink {
  /** Bodies are masked in place, and have to stay as they are until the answer's `logged` has settled. */
  traces(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested;
  metrics(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested;
  logs(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested;
  /** The same for a body that {@link isLargeBody}, a bit at a time while other requests go on. Rejects for faults of this program only. */
  takeInSlices(signal: Signal, body: Uint8Array, encoding: Encoding, origin: Origin): Promise<Ingested>;
  /** @param say sends the agent a text frame, as long as it is there */
  agentConnected(
    connection: number,
    sessionId: SessionId | undefined,
    hello: AgentHello,
    say?: (text: string) => void,
  ): void;
  agentFoundOwnSdk(connection: number): void;
  /** V8 holds the agent's program since then, by the program's clock, or has let it go on. */
  agentHeld(connection: number, isHeld: boolean, atUnixNano: bigint): void;
  /** The process is gone, or has cut its channel: its open spans end now, and are marked. */
  agentGone(connection: number): void;
}
