import { isUnixNano } from "../../model/pause.ts";
import type { AgentHello } from "./sink.ts";

/** A text frame of an agent, read; `unknown` is a type that a newer agent may have. */
export type AgentFrame =
  | { readonly type: "hello"; readonly hello: AgentHello }
  | { readonly type: "state"; readonly ownSdk: boolean }
  | { readonly type: "held" | "released"; readonly atUnixNano: bigint }
  | { readonly type: "unknown" };

/** The service that an agent belongs to which did not name one, as OpenTelemetry has it. */
const UNKNOWN_SERVICE = "unknown_service:node";

/** Names are shown in the panel; nobody's real one is longer. */
const MAX_NAME_LENGTH = 256;

/** Reads a text frame. Undefined where it is not an object of JSON with a type, or one of ours without its fields. */
export function parseAgentFrame(text: string): AgentFrame | undefined {
  const frame = parseObject(text);
  switch (frame?.["type"]) {
    case "hello":
      return parseHello(frame);
    case "state":
      return { type: "state", ownSdk: frame["ownSdk"] === true };
    case "held":
    case "released": {
      const { type, atUnixNano } = frame;
      return isUnixNano(atUnixNano) ? { type, atUnixNano: BigInt(atUnixNano) } : undefined;
    }
    default:
      return typeof frame?.["type"] === "string" ? { type: "unknown" } : undefined;
  }
}

function parseHello(frame: Readonly<Record<string, unknown>>): AgentFrame | undefined {
  const { version, pid, ppid, runtime, runtimeVersion, ownSdk, worker, resource } = frame;
  if (version !== 1 || !isProcessId(pid) || typeof runtime !== "string") return undefined;
  const service = isObject(resource) ? resource["service.name"] : undefined;
  return {
    type: "hello",
    hello: {
      pid,
      ppid: isProcessId(ppid) ? ppid : 0,
      runtime: runtime.slice(0, MAX_NAME_LENGTH),
      runtimeVersion: typeof runtimeVersion === "string" ? runtimeVersion.slice(0, MAX_NAME_LENGTH) : "",
      service:
        typeof service === "string" && service !== "" ? service.slice(0, MAX_NAME_LENGTH) : UNKNOWN_SERVICE,
      ownSdk: ownSdk === true,
      worker: worker === true,
    },
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isProcessId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
