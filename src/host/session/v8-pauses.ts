import { connect, type Socket } from "node:net";
import type { DebugSession } from "vscode";
import { disposable, type Disposable } from "../../base/dispose.ts";
import { isRecord } from "../../protocol/guard.ts";
import { FrameReader } from "../../web-socket/frame-reader.ts";
import { opcode, webSocketFrame, webSocketHandshake } from "../../web-socket/web-socket-frame.ts";

/** What V8 does with the program. */
export type V8Word = "paused" | "resumed";

/** Whether a session is one of vscode-js-debug: it gives these types to what is launched as `node`, `chrome`, `msedge`. */
export function isOfJsDebug(type: string): boolean {
  return type.startsWith("pwa-");
}

/**
 * Listens to what V8 says to vscode-js-debug, whose `stopped` waits for source maps. js-debug lets others listen at a
 * WebSocket of its own (its CDP_SHARE.md), which sends only what was subscribed to; nothing is asked of the program.
 * Whatever goes wrong is silence: the adapter's own events are there as well.
 *
 * @param onWord hears each word when it comes, and `resumed` when nothing can be heard any longer
 */
export function listenToV8(
  session: Pick<DebugSession, "customRequest">,
  onWord: (word: V8Word) => void,
): Disposable {
  let socket: Socket | undefined;
  let isOver = false;
  session.customRequest("requestCDPProxy").then(
    (reply: unknown) => {
      const address = addressOf(reply);
      if (address !== undefined && !isOver) socket = subscribe(address, onWord);
    },
    () => undefined,
  );
  return disposable(() => {
    isOver = true;
    socket?.destroy();
  });
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function addressOf(reply: unknown): Address | undefined {
  if (!isRecord(reply)) return undefined;
  const { host, port, path } = reply;
  if (typeof host !== "string" || typeof port !== "number" || typeof path !== "string") return undefined;
  // The path stands in a request's first line.
  const isSound = Number.isInteger(port) && port > 0 && port < 65_536 && /^\/[\w-]*$/.test(path);
  return isSound ? { host, port, path } : undefined;
}

function subscribe({ host, port, path }: Address, onWord: (word: V8Word) => void): Socket {
  const socket = connect({ host, port });
  const frames = new FrameReader();
  let head: string | undefined = "";
  // Without `permessage-deflate`: compressing takes longer than the way.
  socket.write(webSocketHandshake(host, port, path, "c3BhbmxpZ2h0LXBhdXNlIQ=="));
  socket.write(webSocketFrame(opcode.text, Buffer.from(JSON.stringify(SUBSCRIPTION))));
  socket.on("data", (bytes: Buffer) => {
    if (head !== undefined) {
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (!head.startsWith("HTTP/1.1 101".slice(0, head.length)) || (end < 0 && head.length > 16_384)) {
        socket.destroy();
        return;
      }
      if (end < 0) return;
      bytes = Buffer.from(head.slice(end + 4), "latin1");
      head = undefined;
    }
    const read = frames.read(bytes);
    for (const { kind, payload } of read ?? []) {
      const word = kind === opcode.text ? wordOf(payload) : undefined;
      if (word !== undefined) onWord(word);
      if (kind === opcode.close) socket.destroy();
    }
    if (read === undefined) socket.destroy();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => onWord("resumed"));
  return socket;
}

const SUBSCRIPTION = {
  id: 1,
  method: "JsDebug.subscribe",
  params: { events: ["Debugger.paused", "Debugger.resumed"] },
};

/** By its beginning alone: the rest is the whole call stack. */
function wordOf(payload: Buffer): V8Word | undefined {
  const word = /^\{"method":"Debugger\.(paused|resumed)"/.exec(payload.toString("latin1", 0, 40))?.[1];
  return word === "paused" || word === "resumed" ? word : undefined;
}
