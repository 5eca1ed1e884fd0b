import { isIP } from "node:net";

/**
 * Whether a `Host` header may be answered. A page can make its own name lead to 127.0.0.1 (DNS rebinding) but cannot
 * choose the header, so names other than the loopback's are refused. An address is no name and cannot be rebound;
 * programs in containers and virtual machines use one. `boundHost` is the name the person had the receiver listen on.
 */
export function isAllowedHost(header: string, boundHost: string): boolean {
  const name = hostname(header);
  return name !== undefined && (isLoopbackName(name) || isIP(name) !== 0 || name === boundHost.toLowerCase());
}

/** Whether an `Origin` header names a page that this machine served. `null` and schemes other than HTTP do not. */
export function isLoopbackOrigin(origin: string): boolean {
  const authority = /^https?:\/\/([^/?#@\\]+)$/i.exec(origin)?.[1];
  const name = authority === undefined ? undefined : hostname(authority);
  return name !== undefined && (isLoopbackName(name) || isLoopbackAddress(name));
}

/** Whether an IP address, as a socket names its peer or as one is listened on, is the machine itself. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** Whether listening on this name or address is reachable from this machine alone. */
export function isLoopbackBinding(host: string): boolean {
  return isLoopbackName(host.toLowerCase()) || isLoopbackAddress(host);
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost");
}

/** The name or address in `name`, `name:port`, `[v6]`, `[v6]:port`; undefined where the text is none of them. */
function hostname(authority: string): string | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::\d{1,5})?$/i.exec(authority);
  return (parts?.[1] ?? parts?.[2])?.toLowerCase();
}
