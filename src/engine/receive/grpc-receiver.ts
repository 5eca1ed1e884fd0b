import {
  Metadata,
  Server,
  ServerInterceptingCall,
  status,
  type ServerInterceptor,
  type handleUnaryCall,
  type MethodDefinition,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { isSessionId, type SessionId } from "../../model/ids.ts";
import { hasToken, type AccessPolicy } from "./access.ts";
import type { Signal } from "./endpoint.ts";
import { handleExport, refuseOverload, type ExportHandlerOptions } from "./export-handler.ts";
import { encodeStatus, type Failure } from "./export-reply.ts";
import { GRPC_CODES } from "./grpc-code.ts";
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
  const server = new Server({
    "grpc.max_receive_message_length": options.limits.maxBodyBytes,
    "grpc.max_concurrent_streams": MAX_CONCURRENT_CALLS,
    interceptors: [tellEncodings, limitHeaders(options.limits.maxHeaderBytes)],
  });
  for (const [signal, service] of Object.entries(SERVICES) as [Signal, string][]) {
    const implementation: UntypedServiceImplementation = { Export: exportCall(signal, options) };
    server.addService(serviceDefinition(service), implementation);
  }
  return server;
}

/**
 * Sends the headers, with `grpc-accept-encoding` among them, before the message is read: a sender whose compression is
 * not known is to be told what is (gRPC's "Compression"), and grpc-js would refuse it without.
 */
const tellEncodings: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, {
    start(next) {
      next();
      call.sendMetadata(new Metadata());
    },
  });

/** Ends calls with more headers than that. grpc-js knows no such limit, and HTTP/2 below it only one of some 64 KiB. */
function limitHeaders(maxBytes: number): ServerInterceptor {
  const tooLarge = { code: status.RESOURCE_EXHAUSTED, details: `The headers exceed ${maxBytes} bytes.` };
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, take) {
            if (headerBytes(metadata) <= maxBytes) take(metadata);
            else call.sendStatus(tooLarge);
          },
        });
      },
    });
}

/** As HTTP/2 counts them, but for the 32 bytes that it adds to each (RFC 9113, 10.5.1). */
function headerBytes(metadata: Metadata): number {
  let size = 0;
  for (const [name, value] of Object.entries(metadata.toHttp2Headers()))
    for (const one of [value ?? ""].flat()) size += name.length + String(one).length;
  return size;
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
    const refused =
      refuseCall(call.getPeer(), call.metadata, options.access) ?? refuseOverload(options.overloaded);
    if (refused !== undefined) {
      callback(statusObject(refused));
      return;
    }
    const origin = { sessionId: sessionOf(call.metadata), channel: "grpc" } as const;
    void handleExport(signal, call.request, "protobuf", origin, options).then((outcome) => {
      if (outcome.ok) callback(null, Buffer.from(outcome.value));
      else callback(statusObject(outcome.error));
    });
  };
}

function refuseCall(peer: string, metadata: Metadata, { token }: AccessPolicy): Failure | undefined {
  if (hasToken(addressOf(peer), textOf(metadata, "authorization"), token)) return undefined;
  return {
    code: GRPC_CODES.unauthenticated,
    message: "Senders on other machines need the token: authorization: Bearer <token>.",
  };
}

/** A failure as grpc-js takes it, with the whole `google.rpc.Status` in the trailer that carries details. */
function statusObject(failure: Failure): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  if (failure.badRequest === true || failure.retryAfterSeconds !== undefined) {
    metadata.set("grpc-status-details-bin", Buffer.from(encodeStatus(failure, "protobuf")));
  }
  return { code: failure.code, details: failure.message.slice(0, 1000), metadata };
}

function sessionOf(metadata: Metadata): SessionId | undefined {
  const session = textOf(metadata, SESSION_HEADER);
  return isSessionId(session) ? session : undefined;
}

function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

/** grpc-js writes a peer as `127.0.0.1:50123`, or `[::1]:50123`, or `::1:50123`. */
function addressOf(peer: string): string {
  return peer.slice(0, Math.max(0, peer.lastIndexOf(":"))).replace(/^\[|\]$/g, "");
}
