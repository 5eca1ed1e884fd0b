import { debugTypeOf } from "./debug-types.ts";
import type { Endpoint } from "./endpoint.ts";
import { withRequire } from "./node-options.ts";
import { telemetryVariables } from "./telemetry-variables.ts";

/**
 * The variables that a program needs which Spanlight cannot put them into: for the panel to show, and to be copied.
 * @param type the debug type, where one is known; Node programs get the agent too.
 */
export function neededVariables(
  endpoint: Endpoint,
  type: string | undefined,
  agentPath: string,
): Readonly<Record<string, string>> {
  const variables = new Map(telemetryVariables(endpoint, () => undefined));
  if (type !== undefined && debugTypeOf(type)?.node === true) {
    variables.set("SPANLIGHT_ENDPOINT", endpoint.http);
    variables.set("NODE_OPTIONS", withRequire("", agentPath));
  }
  return Object.fromEntries(variables);
}
