import type { SessionId } from "../../model/ids.ts";
import type { ReceiverPorts } from "../../protocol/engine.ts";

/** Where programs reach the receiver. */
export interface Endpoint {
  /** `http://127.0.0.1:4318`, with `/s/<id>` for a session's programs; OpenTelemetry's SDKs append `/v1/traces`. */
  readonly http: string;
  readonly grpc: string;
  readonly sessionId: SessionId | undefined;
}

/** The metadata key that carries the session where a path cannot: in OTLP/gRPC. */
export const SESSION_HEADER = "x-spanlight-session";

/** What the receiver listens on: this machine and nobody else. */
export const RECEIVER_HOST = "127.0.0.1";

export function endpointOf(ports: ReceiverPorts, sessionId?: SessionId): Endpoint {
  const path = sessionId === undefined ? "" : `/s/${sessionId}`;
  return {
    http: `http://${RECEIVER_HOST}:${ports.http}${path}`,
    grpc: `http://${RECEIVER_HOST}:${ports.grpc}`,
    sessionId,
  };
}
