import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackOrigin } from "./loopback.ts";

/** How long a browser may remember a preflight, in seconds. Two hours is the most that Chromium honours. */
const PREFLIGHT_SECONDS = 7200;

const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+( *, *[\w!#$%&'*+.^`|~-]+)*$/;

/**
 * The headers that let a page of this machine read a reply; none for other senders. Credentials are allowed, though
 * none are used, because `navigator.sendBeacon` always asks for them.
 */
export function corsHeaders({ origin }: IncomingHttpHeaders): Readonly<Record<string, string>> {
  if (origin === undefined || !isLoopbackOrigin(origin)) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    Vary: "Origin",
  };
}

/** The headers that answer a preflight. Exporters are configured with headers of any name, so all are allowed. */
export function preflightHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const cors = corsHeaders(headers);
  if (Object.keys(cors).length === 0) return {};
  const wanted = headers["access-control-request-headers"];
  return {
    ...cors,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
    ...(wanted !== undefined && HEADER_NAMES.test(wanted) ? { "Access-Control-Allow-Headers": wanted } : {}),
    ...(headers["access-control-request-private-network"] === "true"
      ? { "Access-Control-Allow-Private-Network": "true" }
      : {}),
  };
}
