import { randomBytes } from "node:crypto";
import type { SessionId } from "../../model/ids.ts";

/** A new session id: 144 random bits in 24 url-safe characters, so that no other page or program can guess the endpoint. */
export function newSessionId(): SessionId {
  return randomBytes(18).toString("base64url") as SessionId;
}
