import { createHash, timingSafeEqual } from "node:crypto";
import { GRPC_CODES } from "./grpc-code.ts";
import type { HttpFailure } from "./http-failure.ts";
import { isAllowedHost, isLoopbackAddress, isLoopbackOrigin } from "./loopback.ts";

/** Who may send to a receiver. */
export interface AccessPolicy {
  /** The name or address that is listened on. */
  readonly boundHost: string;
  /** What senders on other machines have to show; undefined where no other machine reaches the receiver. */
  readonly token: string | undefined;
}

/** What a request says of its sender. */
export interface Sender {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** The socket's remote address. */
  readonly peer: string | undefined;
}

/** Why an HTTP request may not be answered; undefined where it may. */
export function refuseSender(sender: Sender, policy: AccessPolicy): HttpFailure | undefined {
  // HTTP/1.0 has no Host, and no browser speaks it; HTTP/1.1 without one was refused by the parser.
  if (sender.host !== undefined && !isAllowedHost(sender.host, policy.boundHost)) {
    return forbidden("This receiver answers to loopback names and to addresses, not to the Host asked for.");
  }
  if (sender.origin !== undefined && !isLoopbackOrigin(sender.origin)) {
    return forbidden("This receiver takes telemetry of pages that this machine serves, not of this Origin.");
  }
  if (!hasToken(sender.peer, sender.authorization, policy.token)) {
    return {
      status: 401,
      code: GRPC_CODES.unauthenticated,
      message: "Senders on other machines need the token: Authorization: Bearer <token>.",
      headers: { "WWW-Authenticate": "Bearer" },
    };
  }
  return undefined;
}

/** Whether a sender may do without the token, because it is on this machine, or shows it. */
export function hasToken(
  peer: string | undefined,
  authorization: string | undefined,
  token: string | undefined,
): boolean {
  // Asked first: a process that sent all and ended has no address any more when it is heard.
  if (token === undefined) return true;
  if (peer !== undefined && isLoopbackAddress(peer)) return true;
  const shown = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  return shown !== undefined && isSame(shown, token);
}

function forbidden(message: string): HttpFailure {
  return { status: 403, code: GRPC_CODES.permissionDenied, message };
}

/** Compares in the same time whatever the texts are; hashes make them equally long. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
