import { ServerCredentials, type Server as GrpcServer } from "@grpc/grpc-js";
import { createServer, type Server, type Socket } from "node:net";
import { CLOSE_GRACE_MS, listen } from "./http-listen.ts";
import type { ReceiverLimits } from "./limits.ts";

/** The addresses of a gRPC server. Its own way of listening knows no limit of connections. */
export interface GrpcListener {
  /** @returns the port that it has; rejects with Node's error where it cannot be had */
  listen(host: string, port: number): Promise<number>;
  /** Stops listening, lets running calls end for a moment, then cuts what is left. */
  close(): Promise<void>;
}

/**
 * Accepts connections for a gRPC server, which gets each of them once its sender has said that it speaks HTTP/2. Who
 * says nothing, or not to the end, is cut as over HTTP: `headersTimeoutMs` after it came.
 */
export function createGrpcListener(
  grpcServer: GrpcServer,
  { maxConnections, headersTimeoutMs }: ReceiverLimits,
): GrpcListener {
  const injector = grpcServer.createConnectionInjector(ServerCredentials.createInsecure());
  const servers: Server[] = [];
  const waiting = new Set<Socket>();
  const accept = async (socket: Socket): Promise<void> => {
    waiting.add(socket);
    const begun = await hasPreface(socket, headersTimeoutMs);
    waiting.delete(socket);
    if (begun) injector.injectConnection(socket);
  };

  return {
    async listen(host, port) {
      const server = createServer((socket) => void accept(socket));
      server.maxConnections = maxConnections;
      const bound = await listen(server, host, port);
      servers.push(server);
      return bound;
    },
    async close() {
      for (const server of servers) server.close();
      for (const socket of waiting) socket.destroy();
      await shutDown(grpcServer);
    },
  };
}

/** What every HTTP/2 connection begins with (RFC 9113, 3.4), in bytes; what they are is looked at by HTTP/2 itself. */
const PREFACE_BYTES = 24;

/** Waits for a connection's first bytes, which it leaves to be read; false where it was cut or went away before. */
function hasPreface(socket: Socket, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const cut = setTimeout(() => socket.destroy(), timeoutMs);
    const settle = (begun: boolean): void => {
      clearTimeout(cut);
      socket.off("data", take);
      resolve(begun);
    };
    const take = (bytes: Buffer): void => {
      received = Buffer.concat([received, bytes]);
      if (received.length < PREFACE_BYTES) return;
      socket.pause();
      socket.unshift(received);
      settle(true);
    };
    // What goes wrong with it closes it, which is heard of.
    socket.on("error", () => undefined);
    socket.on("close", () => settle(false));
    socket.on("data", take);
  });
}

function shutDown(server: GrpcServer): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, CLOSE_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
