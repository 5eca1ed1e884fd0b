import {
  Server,
  type handleUnaryCall,
  type Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { isSessionId, type SessionId } from "../../model/ids.ts";
import type { AccessPolicy } from "./access.ts";
import type { Signal } from "./endpoint.ts";
import { handleExport, type ExportHandlerOptions } from "./export-handler.ts";
import { failedStatus, guardCalls, headerText } from "./grpc-guard.ts";
import type { ReceiverLimits } from "./limits.ts";

export interface GrpcReceiverOptions extends ExportHandlerOptions {
  readonly limits: ReceiverLimits;
  readonly access: AccessPolicy;
}

/** The header that names the session; `OTEL_EXPORTER_OTLP_HEADERS` makes exporters send it. */
const SESSION_HEADER = "x-spanlight-session";

/** Calls that one connection may have open: each may hold a whole message in memory. */
const MAX_CONCURRENT_CALLS = 32;

const SERVICES: Readonly<Record<Signal, string>> = {
  traces: "opentelemetry.proto.collector.trace.v1.TraceService",
  metrics: "opentelemetry.proto.collector.metrics.v1.MetricsService",
  logs: "opentelemetry.proto.collector.logs.v1.LogsService",
};

type Bytes = Buffer;

/**
 * Builds the gRPC receiver (OTLP/gRPC, the specification's section of that name); it does not listen yet. Messages
 * stay bytes: this program's own decoder reads them. There is no check of the host's name as over HTTP: no browser
 * speaks HTTP/2 without TLS, so no page can be made to.
 */
export function createGrpcReceiver(options: GrpcReceiverOptions): Server {
  const { limits } = options;
  const server = new Server({
    "grpc.max_receive_message_length": limits.maxBodyBytes,
    "grpc.max_concurrent_streams": MAX_CONCURRENT_CALLS,
    "grpc.max_connection_idle_ms": limits.keepAliveTimeoutMs,
    interceptors: [guardCalls(options)],
  });
  for (const [signal, service] of Object.entries(SERVICES) as [Signal, string][]) {
    const implementation: UntypedServiceImplementation = { Export: exportCall(signal, options) };
    server.addService(serviceDefinition(service), implementation);
  }
  return server;
}

function serviceDefinition(service: string): ServiceDefinition {
  const exportMethod: MethodDefinition<Bytes, Bytes> = {
    path: `/${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
  return { Export: exportMethod };
}

function identity(bytes: Bytes): Bytes {
  return bytes;
}

function exportCall(signal: Signal, options: GrpcReceiverOptions): handleUnaryCall<Bytes, Bytes> {
  return (call, callback) => {
    const origin = { sessionId: sessionOf(call.metadata), channel: "grpc" } as const;
    void handleExport(signal, call.request, "protobuf", origin, options).then((outcome) => {
      if (outcome.ok) callback(null, Buffer.from(outcome.value));
      else callback(failedStatus(outcome.error));
    });
  };
}

function sessionOf(metadata: Metadata): SessionId | undefined {
  const session = headerText(metadata, SESSION_HEADER);
  return isSessionId(session) ? session : undefined;
}
