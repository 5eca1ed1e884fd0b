import { writeSync } from "node:fs";
import { connect, type Socket } from "node:net";

import { flushInChildProcess } from "./flush-in-child-process.ts";
import { FrameReader } from "../../web-socket/frame-reader.ts";
import { opcode, webSocketFrame, webSocketHandshake } from "../../web-socket/web-socket-frame.ts";

/** Where the engine listens, taken from SPANLIGHT_ENDPOINT. */
export interface ChannelAddress {
  readonly host: string;
  readonly port: number;
  /** Path of the session, without a slash at its end. */
  readonly path: string;
}

// Taken before the program, or its tests, puts another file system in its place.
const write = writeSync;

/** Unsent bytes above this cost the oldest frames: the program's memory is not ours to fill. */
const maxQueuedBytes = 8 * 1024 * 1024;
/** A receiver that takes nothing for so long is treated as gone, as its pending write would keep the program alive. */
const stalledMs = 2_000;
const maxBackoffMs = 5_000;
/** Attempts before an engine that never answered is given up for the life of the process. */
const maxFirstAttempts = 6;
/** How long a process that is exiting waits for a receiver that does not read. */
const exitPatienceMs = 500;

/**
 * The agent's WebSocket to the engine, on a bare socket of its own: nothing of it is traced, it never keeps the
 * program alive, and a frame is handed to the operating system in the call that sends it, so that it survives whatever
 * ends the process in the next moment.
 */
export class Channel {
  readonly #address: ChannelAddress;
  readonly #hello: () => string;
  readonly #onOpen: () => void;
  readonly #onGiveUp: () => void;
  readonly #onText: (text: string) => void;
  #frames = new FrameReader();
  #socket: Socket | undefined;
  #state: "connecting" | "open" | "waiting" | "closed" = "waiting";
  #opened = false;
  #failures = 0;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #inFlight: Buffer | undefined;
  #reply = "";

  /**
   * @param hello the text of the first frame, asked for at each connection
   * @param onOpen after each connection but before anything that was queued is sent
   * @param onGiveUp when there is no engine: nothing will ever be sent again
   * @param onText takes what the engine says
   */
  constructor(
    address: ChannelAddress,
    hello: () => string,
    onOpen: () => void,
    onGiveUp: () => void,
    onText: (text: string) => void = () => undefined,
  ) {
    this.#address = address;
    this.#hello = hello;
    this.#onOpen = onOpen;
    this.#onGiveUp = onGiveUp;
    this.#onText = onText;
  }

  connect(): void {
    if (this.#state !== "waiting") return;
    this.#state = "connecting";
    this.#reply = "";
    this.#frames = new FrameReader();
    const socket = connect({ host: this.#address.host, port: this.#address.port, noDelay: true });
    this.#socket = socket;
    socket.unref();
    socket.on("connect", () => {
      this.#open(socket);
    });
    socket.on("data", (bytes: Buffer) => {
      this.#receive(socket, bytes);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#lost(socket);
    });
  }

  sendText(text: string): void {
    this.#send(webSocketFrame(opcode.text, Buffer.from(text)));
  }

  sendBinary(payload: Uint8Array): void {
    this.#send(webSocketFrame(opcode.binary, payload));
  }

  /** Writes what is left, synchronously. For the `exit` event, after which nothing asynchronous runs. */
  flushAtExit(): void {
    if (this.#state === "closed") return;
    const socket = this.#socket;
    const descriptor = socket === undefined ? undefined : descriptorOf(socket);
    let unsent = this.#unsent(socket);
    if (unsent.length === 0) return;
    if (this.#state !== "open") unsent = Buffer.concat([this.#greeting(), unsent]);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#inFlight = undefined;
    if (descriptor !== undefined) {
      const written = writeAllSync(descriptor, unsent);
      if (written === unsent.length) {
        // The greeting has gone out with the rest: a second flush must not repeat it.
        this.#state = "open";
        return;
      }
      if (this.#state === "open" || written > 0) return;
    }
    // On Windows a socket has no descriptor, but what was handed to it is with the operating system already.
    if (this.#state !== "open") flushInChildProcess(this.#address.host, this.#address.port, unsent);
  }

  #greeting(): Buffer {
    const { host, port, path } = this.#address;
    const handshake = webSocketHandshake(host, port, `${path}/agent`, "c3BhbmxpZ2h0LWFnZW50IQ==");
    return Buffer.concat([handshake, webSocketFrame(opcode.text, Buffer.from(this.#hello()))]);
  }

  #open(socket: Socket): void {
    this.#state = "open";
    // Frames follow the request without waiting for its answer: a program that lives for some milliseconds is heard too.
    this.#inFlight = undefined;
    this.#queue.unshift(this.#greeting());
    if (this.#opened) this.#onOpen();
    this.#opened = true;
    this.#pump(socket);
  }

  #receive(socket: Socket, bytes: Buffer): void {
    if (this.#reply !== "accepted") {
      this.#reply += bytes.toString("latin1");
      if (this.#reply.length < 12) return;
      if (!this.#reply.startsWith("HTTP/1.1 101")) {
        this.#giveUp();
        return;
      }
      const end = this.#reply.indexOf("\r\n\r\n");
      if (end < 0 && this.#reply.length < 16_384) return;
      // The engine's first frame may have come with the answer to the handshake.
      bytes = end < 0 ? Buffer.alloc(0) : Buffer.from(this.#reply.slice(end + 4), "latin1");
      this.#reply = "accepted";
      this.#failures = 0;
    }
    const frames = this.#frames.read(bytes);
    for (const { kind, payload } of frames ?? []) {
      if (kind === opcode.ping) this.#send(webSocketFrame(opcode.pong, new Uint8Array()));
      if (kind === opcode.close) socket.destroy();
      if (kind === opcode.text) this.#onText(payload.toString("utf8"));
    }
    if (frames === undefined) socket.destroy();
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket || this.#state === "closed") return;
    this.#socket = undefined;
    this.#inFlight = undefined;
    this.#state = "waiting";
    this.#failures++;
    if (!this.#opened && this.#failures >= maxFirstAttempts) {
      this.#giveUp();
      return;
    }
    const delayMs = Math.min(maxBackoffMs, 100 * 2 ** this.#failures);
    setTimeout(() => {
      this.connect();
    }, delayMs).unref();
  }

  #giveUp(): void {
    this.#state = "closed";
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#onGiveUp();
  }

  #send(frame: Buffer): void {
    if (this.#state === "closed") return;
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    while (this.#queuedBytes > maxQueuedBytes) {
      const dropped = this.#queue.shift();
      if (dropped === undefined) break;
      this.#queuedBytes -= dropped.length;
    }
    if (this.#state === "open" && this.#socket !== undefined) this.#pump(this.#socket);
  }

  /**
   * Hands everything to the operating system at once, by the descriptor: a stream would keep a second write of the same
   * turn to itself. What the system does not take goes through the stream, one write at a time, so that at exit it is known how
   * much of it is left.
   */
  #pump(socket: Socket): void {
    if (this.#inFlight !== undefined || this.#queue.length === 0) return;
    let bytes = this.#queue.length === 1 ? this.#queue[0] : Buffer.concat(this.#queue);
    if (bytes === undefined) return;
    this.#queue = [];
    this.#queuedBytes = 0;
    const descriptor = descriptorOf(socket);
    if (descriptor !== undefined) bytes = bytes.subarray(writeNow(descriptor, bytes));
    if (bytes.length > 0) this.#stream(socket, bytes);
  }

  #stream(socket: Socket, bytes: Buffer): void {
    this.#inFlight = bytes;
    let stalled: NodeJS.Timeout | undefined;
    socket.write(bytes, () => {
      if (stalled !== undefined) clearTimeout(stalled);
      if (this.#socket !== socket || this.#inFlight !== bytes) return;
      this.#inFlight = undefined;
      this.#pump(socket);
    });
    if (pendingBytes(socket) > 0) {
      stalled = setTimeout(() => socket.destroy(), stalledMs);
      stalled.unref();
    }
  }

  #unsent(socket: Socket | undefined): Buffer {
    const queued = Buffer.concat(this.#queue);
    if (socket === undefined || this.#inFlight === undefined) return queued;
    const pending = Math.min(pendingBytes(socket), this.#inFlight.length);
    if (pending === 0) return queued;
    return Buffer.concat([this.#inFlight.subarray(this.#inFlight.length - pending), queued]);
  }
}

interface SocketHandle {
  readonly fd?: unknown;
  readonly writeQueueSize?: unknown;
}

function handleOf(socket: Socket): SocketHandle | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  return typeof handle === "object" && handle !== null ? handle : undefined;
}

function descriptorOf(socket: Socket): number | undefined {
  const descriptor = handleOf(socket)?.fd;
  return typeof descriptor === "number" && descriptor >= 0 ? descriptor : undefined;
}

/** Bytes that were handed to the socket and that the operating system has not taken. */
function pendingBytes(socket: Socket): number {
  const pending = handleOf(socket)?.writeQueueSize;
  return typeof pending === "number" ? pending : 0;
}

/** @returns the number of bytes that the operating system took; 0 also when the socket has failed, which it reports itself */
function writeNow(descriptor: number, bytes: Buffer): number {
  try {
    return write(descriptor, bytes);
  } catch {
    return 0;
  }
}

/** @returns the number of bytes that were written before the socket failed or patience ended */
function writeAllSync(descriptor: number, bytes: Buffer): number {
  const deadlineMs = Date.now() + exitPatienceMs;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += write(descriptor, bytes, written);
    } catch (error) {
      if (!(error instanceof Error) || Reflect.get(error, "code") !== "EAGAIN") return written;
      if (Date.now() > deadlineMs) return written;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return written;
}
