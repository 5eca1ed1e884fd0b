import type { Server } from "node:http";
import { err, messageOf, ok, type Problem, type Result } from "../../base/result.ts";
import { createAgentChannel } from "./agent-channel.ts";
import { choosePort, type ChosenPort } from "./choose-port.ts";
import type { ExportHandlerOptions } from "./export-handler.ts";
import { createGrpcListener } from "./grpc-listener.ts";
import { createGrpcReceiver } from "./grpc-receiver.ts";
import { closeServer, listen } from "./http-listen.ts";
import { createHttpReceiver } from "./http-receiver.ts";
import type { ReceiverLimits } from "./limits.ts";
import { isLoopbackBinding } from "./loopback.ts";

export interface ReceiverOptions extends ExportHandlerOptions {
  readonly limits: ReceiverLimits;
  /** The name or address to listen on. */
  readonly host: string;
  /** 0 asks for any free port; so does a port that is taken. Undefined: not opened. */
  readonly httpPort: number | undefined;
  readonly grpcPort: number | undefined;
  /** Required where `host` is reachable from other machines. */
  readonly token: string | undefined;
  readonly nextConnection: () => number;
}

/** All open sockets of the engine. */
export interface Receiver {
  /** The ports that are listened on; 0 for one that was not to be opened. */
  readonly http: number;
  readonly grpc: number;
  /** Wanted ports that belonged to somebody else. */
  readonly taken: readonly number[];
  /** Stops listening, lets running requests end for a moment, then cuts what is left. */
  close(): Promise<void>;
}

/** Opens the HTTP and the gRPC receiver. The problem's codes are `token-required` and `cannot-listen`. */
export async function openReceiver(options: ReceiverOptions): Promise<Result<Receiver, Problem>> {
  const { host } = options;
  const token = isLoopbackBinding(host) ? undefined : (options.token ?? "");
  if (token === "") return err(tokenRequired(host));
  const receiverOptions = { ...options, access: { boundHost: host, token } };
  const agents = createAgentChannel(receiverOptions, options.nextConnection);
  const servers: Server[] = [];
  const listenHttp = async (address: string, port: number): Promise<number> => {
    const server = createHttpReceiver(receiverOptions);
    agents.attach(server);
    const bound = await listen(server, address, port);
    servers.push(server);
    return bound;
  };
  const closeHttp = async (): Promise<void> => {
    agents.close();
    await Promise.all(servers.map(closeServer));
  };

  const choose = (
    wanted: number | undefined,
    open: (port: number) => Promise<number>,
  ): Promise<Result<ChosenPort, string>> =>
    wanted === undefined ? Promise.resolve(ok(NOT_OPENED)) : choosePort(host, wanted, open);
  const http = await choose(options.httpPort, (port) => listenHttp(host, port));
  if (!http.ok) return err(cannotListen("HTTP", host, http.error));

  const grpcListener = createGrpcListener(createGrpcReceiver(receiverOptions), options.limits);
  const grpc = await choose(options.grpcPort, (port) => grpcListener.listen(host, port));
  if (!grpc.ok) {
    await closeHttp();
    return err(cannotListen("gRPC", host, grpc.error));
  }

  // `localhost` leads some programs to ::1 only. A machine without IPv6 does without.
  if (host === "127.0.0.1" || host === "localhost") {
    if (http.value.port !== 0) await listenHttp("::1", http.value.port).catch(() => undefined);
    if (grpc.value.port !== 0) await grpcListener.listen("::1", grpc.value.port).catch(() => undefined);
  }
  return ok({
    http: http.value.port,
    grpc: grpc.value.port,
    taken: [
      ...(http.value.wasTaken ? [options.httpPort ?? 0] : []),
      ...(grpc.value.wasTaken ? [options.grpcPort ?? 0] : []),
    ],
    async close() {
      await Promise.all([closeHttp(), grpcListener.close()]);
    },
  });
}

const NOT_OPENED: ChosenPort = { port: 0, wasTaken: false };

function tokenRequired(host: string): Problem {
  return {
    code: "token-required",
    message: `${host} is reachable from other machines, and no token is set.`,
    advice: "Set a token, or listen on 127.0.0.1.",
  };
}

function cannotListen(protocol: string, host: string, reason: unknown): Problem {
  return {
    code: "cannot-listen",
    message: `The ${protocol} receiver cannot listen on ${host}: ${messageOf(reason)}`,
    advice: "Check that the address belongs to this machine.",
  };
}
