import type { RunNumber, SessionId } from "./ids.ts";

/** One press of F5: a compound, with all its sessions, is one run. */
export interface Run {
  readonly number: RunNumber;
  /** The launch configuration's or the compound's name. */
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number | undefined;
}

/** Why a session's program could not be told where to send its telemetry, or was told only in part. */
export type InjectionNote =
  | { readonly kind: "attached"; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: "untrusted" }
  | { readonly kind: "disabled" }
  | { readonly kind: "excluded" }
  | { readonly kind: "unknown-type"; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: "not-instrumented"; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: "kept-own"; readonly names: readonly string[] };

/** A debug session as the panel shows it. */
export interface Session {
  readonly id: SessionId;
  readonly run: RunNumber;
  readonly name: string;
  /** The debug type of the configuration, such as `pwa-node`. */
  readonly type: string;
  readonly request: "launch" | "attach";
  readonly active: boolean;
  readonly notes: readonly InjectionNote[];
}

/** What an agent said of the process it lives in. */
export interface AgentProcess {
  readonly sessionId: SessionId | undefined;
  readonly pid: number;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly service: string;
  readonly ownSdk: boolean;
  readonly connected: boolean;
  readonly spanCount: number;
}
