import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { err, messageOf, ok, type Problem, type Result } from "../../base/result.ts";
import { refuseSender } from "../receive/access.ts";
import { corsHeaders, preflightHeaders } from "../receive/cors.ts";
import { closeServer, listen } from "../receive/http-listen.ts";
import { runInSlices, type Sliced } from "../query/slices.ts";
import type { SpanStore } from "../store/span-store.ts";
import { answerJaeger } from "./jaeger-api.ts";
import { METRICS_TYPE, metricsText, type Health } from "./metrics-text.ts";
import { errorReply, type ApiReply } from "./reply.ts";
import { writeSlices } from "./write-slices.ts";

export interface ApiOptions {
  /** 0 asks for any free port. */
  readonly port: number;
  readonly store: SpanStore;
  readonly health: () => Health;
}

export interface ApiServer {
  readonly port: number;
  /** Stops listening, lets running replies end for a moment, then cuts what is left. */
  close(): Promise<void>;
}

/** The API hands out everything that was received, so that it is for this machine alone. */
const HOST = "127.0.0.1";
const HOST_V6 = "::1";

const SECOND = 1000;
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  keepAliveTimeout: 60 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
};
const MAX_CONNECTIONS = 64;

const ALLOW = "GET, OPTIONS";

/** Opens the API's port. The problem's code is `cannot-listen`. */
export async function openApiServer(options: ApiOptions): Promise<Result<ApiServer, Problem>> {
  const server = createApiServer(options);
  try {
    const port = await listen(server, HOST, options.port);
    const second = createApiServer(options);
    // `localhost` leads some programs to ::1 only. A machine without IPv6 does without.
    await listen(second, HOST_V6, port).catch(() => undefined);
    return ok({
      port,
      async close() {
        await Promise.all([closeServer(server), closeServer(second)]);
      },
    });
  } catch (thrown) {
    return err({
      code: "cannot-listen",
      message: `The API cannot listen on port ${options.port}: ${messageOf(thrown)}`,
      advice: "Choose another port, or 0 for any free one.",
    });
  }
}

function createApiServer(options: ApiOptions): Server {
  const server = createServer(LIMITS, (request, response) => {
    response.on("error", () => undefined);
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    answer(request, options, gone.signal)
      .then((reply) => send(request, response, reply, gone.signal))
      .catch(() => response.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

async function answer(request: IncomingMessage, options: ApiOptions, gone: AbortSignal): Promise<ApiReply> {
  const { headers, method, socket } = request;
  const { host, origin, authorization } = headers;
  const sender = { host, origin, authorization, peer: socket.remoteAddress };
  const refused = refuseSender(sender, { boundHost: HOST, token: undefined });
  if (refused !== undefined) return errorReply(refused.status, refused.message);
  if (hasBody(request)) return errorReply(413, "Requests to this API have no body.");
  if (method === "OPTIONS") return { status: 204, contentType: "", body: "" };
  if (method !== "GET") return errorReply(405, "This API answers to GET.");
  const url = urlOf(request);
  if (url === undefined) return errorReply(400, "The address cannot be read.");
  try {
    const reply = await runInSlices(answerPath(url, options), gone);
    return reply.ok ? (reply.value ?? errorReply(404, NOT_FOUND)) : errorReply(500, reply.error.message);
  } catch (thrown) {
    return errorReply(500, messageOf(thrown));
  }
}

function* answerPath(url: URL, { store, health }: ApiOptions): Sliced<ApiReply | undefined> {
  if (url.pathname === "/metrics")
    return { status: 200, contentType: METRICS_TYPE, body: metricsText(health()) };
  return yield* answerJaeger(url, store);
}

const NOT_FOUND =
  "Here are /api/v3/services, /api/v3/operations, /api/v3/traces, /api/v3/traces/<id>, /api/v3/trace-summaries and /metrics.";

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** Only the path and the query of the request count; a target with a host of its own is read as a path. */
function urlOf({ url = "/" }: IncomingMessage): URL | undefined {
  const text = `http://${HOST}${url.startsWith("/") ? url : `/${url}`}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body }: ApiReply,
  gone: AbortSignal,
): Promise<void> {
  const allowsMethods = request.method === "OPTIONS" && status === 204;
  const cors = allowsMethods
    ? { ...preflightHeaders(request.headers), "Access-Control-Allow-Methods": "GET" }
    : corsHeaders(request.headers);
  response.writeHead(status, {
    ...(status === 204 ? {} : { "Content-Type": contentType, ...lengthOf(body) }),
    ...(status === 204 || status === 405 ? { Allow: ALLOW } : {}),
    // What follows on the connection is a body that nobody reads.
    ...(hasBody(request) ? { Connection: "close" } : {}),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    ...cors,
  });
  if (typeof body === "string") response.end(body);
  else await writeSlices(response, body, gone);
}

/** What is written piece by piece goes out in chunks. */
function lengthOf(body: ApiReply["body"]): { readonly "Content-Length"?: number } {
  return typeof body === "string" ? { "Content-Length": Buffer.byteLength(body) } : {};
}
