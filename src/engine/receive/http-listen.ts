import type { Server } from "node:http";
import type { AddressInfo, Server as TcpServer } from "node:net";

/** How long requests that are running when a server closes may take to end. */
export const CLOSE_GRACE_MS = 500;

/**
 * Opens a server.
 * @returns the port that it has; rejects with Node's error where it cannot be had
 */
export function listen(server: TcpServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      // A server that cannot accept (too many open files) goes on with the connections it has.
      server.on("error", () => undefined);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Stops listening, lets running requests end for a moment, then cuts what is left. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
