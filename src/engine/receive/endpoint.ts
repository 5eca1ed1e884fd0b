import { isSessionId, type SessionId } from "../../model/ids.ts";

const SIGNALS = ["traces", "metrics", "logs"] as const;
export type Signal = (typeof SIGNALS)[number];

/** What a path of the HTTP receiver stands for. */
export type Endpoint =
  | { readonly kind: "export"; readonly signal: Signal; readonly sessionId: SessionId | undefined }
  | { readonly kind: "agent"; readonly sessionId: SessionId };

const SESSION_PREFIX = /^\/s\/([^/]*)(\/.*)$/;

/**
 * Reads a request's target: `/v1/traces`, `/s/<session>/v1/traces`, `/s/<session>/agent`. Undefined for anything
 * else. Doubled and trailing slashes are forgiven: base addresses are written with and without one.
 */
export function parseEndpoint(target: string): Endpoint | undefined {
  const path = (target.split("?", 1)[0] ?? "").replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  const inSession = SESSION_PREFIX.exec(path);
  if (inSession === null) return exportEndpoint(path, undefined);
  const [, sessionId, rest = ""] = inSession;
  if (!isSessionId(sessionId)) return undefined;
  return rest === "/agent" ? { kind: "agent", sessionId } : exportEndpoint(rest, sessionId);
}

function exportEndpoint(path: string, sessionId: SessionId | undefined): Endpoint | undefined {
  const signal = SIGNALS.find((one) => path === `/v1/${one}`);
  return signal === undefined ? undefined : { kind: "export", signal, sessionId };
}
