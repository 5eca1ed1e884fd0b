import type { LaunchConfiguration } from "./complete-environment.ts";
import { debugTypeOf, type DebugType } from "./debug-types.ts";

/** What is done with a launch configuration. */
export type LaunchDecision =
  | { readonly kind: "complete"; readonly type: DebugType }
  /** Nothing is put into it, and the panel says why. */
  | { readonly kind: "untrusted" | "disabled" | "excluded" | "attached" | "unknown-type" }
  /** A child of another session, whose environment it shares. */
  | { readonly kind: "child" };

/** The circumstances that speak against putting anything into a launch. */
export interface LaunchPolicy {
  readonly trusted: boolean;
  readonly enabled: boolean;
  readonly excludeConfigurations: readonly string[];
}

export function decideLaunch(configuration: LaunchConfiguration, policy: LaunchPolicy): LaunchDecision {
  // js-debug names by this the target that a child session attaches to; such a configuration starts no program.
  if ("__pendingTargetId" in configuration) return { kind: "child" };
  if (!policy.trusted) return { kind: "untrusted" };
  if (!policy.enabled) return { kind: "disabled" };
  if (policy.excludeConfigurations.includes(configuration.name)) return { kind: "excluded" };
  if (configuration.request === "attach") return { kind: "attached" };
  const type = debugTypeOf(configuration.type);
  return type === undefined ? { kind: "unknown-type" } : { kind: "complete", type };
}
