import { STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { messageOf } from "../../base/result.ts";
import type { SessionId } from "../../model/ids.ts";
import { refuseSender } from "./access.ts";
import { parseAgentFrame } from "./agent-frame.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { HttpReceiverOptions } from "./http-receiver.ts";
import { isLargeBody, type Ingested, type TelemetrySink } from "./sink.ts";

/** Text frames are a few hundred bytes; binary ones carry spans and have the limit of a request's body. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Bytes of one agent's frames that are not stored and logged yet; beyond it nothing more is read from its socket. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** How long an agent has for its part of closing. */
const CLOSE_GRACE_MS = 500;

/** Close codes of RFC 6455 §7.4.1. */
const INVALID_PAYLOAD = 1007;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 1011;

/** The agents' WebSockets on `/s/<session>/agent`. */
export interface AgentChannel {
  /** Takes the upgrades of a server. */
  attach(server: Server): void;
  close(): void;
}

/**
 * No pings: a process at a breakpoint cannot answer one. The socket of a process that ended closes by itself, and
 * the kernel's keep-alive finds machines that are gone.
 *
 * @param nextConnection counts up over the engine's whole life, over receivers that are closed and opened again
 */
export function createAgentChannel(options: HttpReceiverOptions, nextConnection: () => number): AgentChannel {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.limits.maxBodyBytes,
    perMessageDeflate: false,
    clientTracking: true,
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const cut = (): void => {
      socket.destroy();
    };
    socket.on("error", cut);
    const endpoint = parseEndpoint(request.url ?? "");
    const refusal = refuseUpgrade(request, options) ?? (endpoint?.kind === "agent" ? undefined : 404);
    if (refusal !== undefined || endpoint?.kind !== "agent") {
      refuse(socket, refusal ?? 404);
      return;
    }
    request.socket.setKeepAlive(true, 60_000);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off("error", cut);
      serve(webSocket, endpoint.sessionId, nextConnection(), options);
    });
  };

  return {
    attach(server) {
      server.on("upgrade", upgrade);
    },
    close() {
      const agents = [...sockets.clients];
      for (const socket of agents) socket.close(GOING_AWAY);
      // A process that is paused does not answer the close; it is not waited for.
      setTimeout(() => {
        for (const socket of agents) socket.terminate();
      }, CLOSE_GRACE_MS).unref();
      sockets.close();
    },
  };
}

/** The HTTP status of a refusal. Pages have no business here: an agent is no browser and sends no Origin. */
function refuseUpgrade(
  { headers, socket }: IncomingMessage,
  { access }: HttpReceiverOptions,
): number | undefined {
  const { host, origin, authorization } = headers;
  if (origin !== undefined) return 403;
  return refuseSender({ host, origin, authorization, peer: socket.remoteAddress }, access)?.status;
}

function refuse(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? "Refused";
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function serve(
  socket: WebSocket,
  sessionId: SessionId,
  connection: number,
  { sink, onFault }: HttpReceiverOptions,
): void {
  const agent = new AgentReader(sink, sessionId, connection, (text) => {
    if (socket.readyState === socket.OPEN) socket.send(text);
  });
  let closing = false;
  let waitingBytes = 0;
  const closeWith = (code: number): void => {
    closing = true;
    socket.close(code);
  };
  const read = async (frame: Buffer, isBinary: boolean): Promise<void> => {
    if (closing) return;
    try {
      const { refusal, logged } = await agent.read(frame, isBinary);
      if (refusal !== undefined) closeWith(refusal);
      // Frames are not acknowledged: the next one is read meanwhile, and this one counts as waiting.
      void logged?.then(() => release(frame.length));
      if (logged === undefined) release(frame.length);
    } catch (thrown) {
      onFault(messageOf(thrown));
      closeWith(INTERNAL_ERROR);
      release(frame.length);
    }
  };
  const release = (bytes: number): void => {
    waitingBytes -= bytes;
    if (socket.isPaused && waitingBytes < MAX_WAITING_BYTES) socket.resume();
  };
  /** Frames are taken in their order, also where one of them takes a while. */
  let last = Promise.resolve();
  socket.binaryType = "nodebuffer";
  // The socket's state is no reason to drop a frame: what a process sent last is often read when its socket is gone.
  socket.on("message", (data, isBinary) => {
    const frame = bytesOf(data);
    waitingBytes += frame.length;
    // The agent then keeps what it has, up to its own bound, until the engine has caught up.
    if (waitingBytes >= MAX_WAITING_BYTES && socket.readyState === socket.OPEN) socket.pause();
    last = last.then(() => read(frame, isBinary));
  });
  // ws closes the connection itself, with the protocol's code; the close event follows.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    void last.then(() => agent.gone());
  });
}

/** What became of a frame. */
interface FrameFate {
  /** The code to close the connection with, where the frame is none that an agent sends. */
  readonly refusal?: number | undefined;
  /** Settles when what is in it is logged; undefined where there is nothing to wait for. */
  readonly logged?: Promise<unknown> | undefined;
}

function fateOf({ malformed, logged }: Ingested): FrameFate {
  return { refusal: malformed ? INVALID_PAYLOAD : undefined, logged };
}

/** One agent's frames, in their order: a hello, then spans and changes of state. */
class AgentReader {
  readonly #sink: TelemetrySink;
  readonly #sessionId: SessionId;
  readonly #connection: number;
  readonly #say: (text: string) => void;
  #greeted = false;

  constructor(sink: TelemetrySink, sessionId: SessionId, connection: number, say: (text: string) => void) {
    this.#sink = sink;
    this.#sessionId = sessionId;
    this.#connection = connection;
    this.#say = say;
  }

  read(frame: Buffer, isBinary: boolean): FrameFate | Promise<FrameFate> {
    return isBinary ? this.#readSpans(frame) : { refusal: this.#readText(frame) };
  }

  gone(): void {
    if (this.#greeted) this.#sink.agentGone(this.#connection);
  }

  #readSpans(frame: Buffer): FrameFate | Promise<FrameFate> {
    if (!this.#greeted) return { refusal: POLICY_VIOLATION };
    const origin = { sessionId: this.#sessionId, channel: "agent", connection: this.#connection } as const;
    return isLargeBody("traces", frame)
      ? this.#sink.takeInSlices("traces", frame, "protobuf", origin).then(fateOf)
      : fateOf(this.#sink.traces(frame, "protobuf", origin));
  }

  #readText(frame: Buffer): number | undefined {
    const message = frame.length <= MAX_TEXT_BYTES ? parseAgentFrame(frame.toString("utf8")) : undefined;
    if (message === undefined) return INVALID_PAYLOAD;
    if (message.type === "hello") {
      if (this.#greeted) return POLICY_VIOLATION;
      this.#greeted = true;
      this.#sink.agentConnected(this.#connection, this.#sessionId, message.hello, this.#say);
    } else if (!this.#greeted) {
      return POLICY_VIOLATION;
    } else if (message.type === "state" && message.ownSdk) {
      this.#sink.agentFoundOwnSdk(this.#connection);
    } else if (message.type === "held" || message.type === "released") {
      this.#sink.agentHeld(this.#connection, message.type === "held", message.atUnixNano);
    }
    return undefined;
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
