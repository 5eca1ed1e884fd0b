import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { refuseSender, type AccessPolicy } from "./access.ts";
import { BodyBuffers } from "./body-buffers.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { parseEndpoint, type Endpoint } from "./endpoint.ts";
import {
  handleExport,
  overload,
  refuseOverload,
  type ExportFailure,
  type ExportHandlerOptions,
} from "./export-handler.ts";
import { encodeStatus } from "./export-reply.ts";
import { GRPC_CODES } from "./grpc-code.ts";
import type { HttpFailure } from "./http-failure.ts";
import type { ReceiverLimits } from "./limits.ts";
import { ACCEPTED_COMPRESSIONS, parseContentEncoding, parseContentType, replyContentType } from "./media.ts";
import { PendingBytes } from "./pending-bytes.ts";
import { discardRest, readBody, type BodyFailure, type BodyMemory } from "./request-body.ts";

export interface HttpReceiverOptions extends ExportHandlerOptions {
  readonly limits: ReceiverLimits;
  readonly access: AccessPolicy;
}

/** How often a server looks for connections whose time is up; Node's own 30 s would let a short limit pass unnoticed. */
const MAX_CHECKING_INTERVAL_MS = 5000;

const ALLOW = "POST, OPTIONS";

/** Builds the HTTP receiver (OTLP/HTTP, the specification's section of that name); it does not listen yet. */
export function createHttpReceiver(options: HttpReceiverOptions): Server {
  const { limits } = options;
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(MAX_CHECKING_INTERVAL_MS, limits.headersTimeoutMs),
    noDelay: true,
  });
  server.maxConnections = limits.maxConnections;
  const memory = { pending: new PendingBytes(limits.maxPendingBytes), buffers: new BodyBuffers() };
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    void answer(request, response, options, memory);
  };
  server.on("request", receive);
  // Large uploads ask first: a refusal then saves sending them.
  server.on("checkContinue", receive);
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpReceiverOptions,
  memory: BodyMemory,
): Promise<void> {
  response.on("error", () => undefined);
  const refused = refuseRequest(request, options);
  if (refused !== undefined) {
    fail(request, response, refused, options.limits);
    return;
  }

  const endpoint = parseEndpoint(request.url ?? "");
  if (endpoint?.kind !== "export") {
    fail(request, response, notFound(request), options.limits);
    return;
  }
  if (request.method === "OPTIONS") {
    request.resume();
    response.writeHead(204, { Allow: ALLOW, ...preflightHeaders(request.headers) }).end();
    return;
  }
  const failure = await takeExport(request, response, endpoint, options, memory);
  if (failure !== undefined) fail(request, response, failure, options.limits);
}

function refuseRequest(
  { headers, socket }: IncomingMessage,
  { access }: HttpReceiverOptions,
): HttpFailure | undefined {
  const { host, origin, authorization } = headers;
  return refuseSender({ host, origin, authorization, peer: socket.remoteAddress }, access);
}

async function takeExport(
  request: IncomingMessage,
  response: ServerResponse,
  { signal, sessionId }: Endpoint & { kind: "export" },
  options: HttpReceiverOptions,
  memory: BodyMemory,
): Promise<HttpFailure | undefined> {
  const { headers } = request;
  if (request.method !== "POST") return methodNotAllowed(request.method);
  const encoding = parseContentType(headers["content-type"]);
  if (encoding === undefined) return UNSUPPORTED_TYPE;
  const compression = parseContentEncoding(headers["content-encoding"]);
  if (compression === undefined) return UNSUPPORTED_COMPRESSION;
  const { maxBodyBytes } = options.limits;
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) return tooLarge(maxBodyBytes);
  const full = refuseOverload(options.overloaded);
  if (full !== undefined) return httpFailure(full);

  if (headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, compression, maxBodyBytes, memory);
  if (!body.ok) return bodyFailure(body.error, maxBodyBytes);
  const { bytes } = body.value;
  const outcome = await handleExport(signal, bytes, encoding, { sessionId, channel: "http" }, options);
  body.value.release();
  if (!outcome.ok) return httpFailure(outcome.error);
  send(request, response, 200, outcome.value);
  return undefined;
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "Content-Type": contentType(request),
    "Content-Length": body.length,
    "X-Content-Type-Options": "nosniff",
    ...corsHeaders(request.headers),
    ...headers,
  });
  // The reply to most requests is empty: its head then leaves in a single write.
  if (body.length === 0) response.end();
  else response.end(body);
}

function fail(
  request: IncomingMessage,
  response: ServerResponse,
  failure: HttpFailure,
  { maxBodyBytes }: ReceiverLimits,
): void {
  discardRest(request, maxBodyBytes);
  const encoding = parseContentType(request.headers["content-type"]) ?? "json";
  send(request, response, failure.status, encodeStatus(failure, encoding), failure.headers);
}

/** The reply has the request's type. Where that is none of OTLP's, JSON is what a person can read. */
function contentType({ headers }: IncomingMessage): string {
  const requested = headers["content-type"];
  return replyContentType(parseContentType(requested) ?? "json", requested);
}

const HTTP_STATUS: Readonly<Record<ExportFailure["kind"], number>> = {
  malformed: 400,
  overloaded: 503,
  internal: 500,
};

function httpFailure(failure: ExportFailure): HttpFailure {
  const { retryAfterSeconds } = failure;
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  return { ...failure, status: HTTP_STATUS[failure.kind], headers };
}

/** The reply to an aborted upload goes nowhere; it is written all the same, which spares a case. */
function bodyFailure(failure: BodyFailure, maxBodyBytes: number): HttpFailure {
  switch (failure) {
    case "too-large":
      return tooLarge(maxBodyBytes);
    case "busy":
      return httpFailure(overload(1));
    case "corrupt":
      return badBody("The compressed body is broken.");
    case "aborted":
      return badBody("The body ended early.");
  }
}

function badBody(message: string): HttpFailure {
  return { status: 400, code: GRPC_CODES.invalidArgument, message, badRequest: true };
}

function tooLarge(maxBodyBytes: number): HttpFailure {
  return {
    status: 413,
    code: GRPC_CODES.resourceExhausted,
    message: `A request may have ${maxBodyBytes} bytes, counted after decompression.`,
  };
}

function notFound({ method }: IncomingMessage): HttpFailure {
  const message = `Nothing here answers ${method ?? "a request"} on this path; OTLP goes to /v1/traces, /v1/metrics and /v1/logs.`;
  return { status: 404, code: GRPC_CODES.notFound, message };
}

function methodNotAllowed(method: string | undefined): HttpFailure {
  return {
    status: 405,
    code: GRPC_CODES.unimplemented,
    message: `This path takes POST, not ${method ?? "this"}.`,
    headers: { Allow: ALLOW },
  };
}

const UNSUPPORTED_TYPE: HttpFailure = {
  status: 415,
  code: GRPC_CODES.invalidArgument,
  message: "OTLP/HTTP has the content types application/x-protobuf and application/json.",
  headers: { "Accept-Post": "application/x-protobuf, application/json" },
};

const UNSUPPORTED_COMPRESSION: HttpFailure = {
  status: 415,
  code: GRPC_CODES.invalidArgument,
  message: "Bodies may be compressed with gzip, deflate or zstd.",
  headers: { "Accept-Encoding": ACCEPTED_COMPRESSIONS },
};
