import { isRecord } from "../../protocol/guard.ts";
import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";

/** The variable by which a program has its span breakpoints before the engine can tell it. */
const VARIABLE = "SPANLIGHT_SPAN_BREAKPOINTS";

/**
 * Completes a launch of js-debug: the agent's files are skipped, so that a step out of a stop, and every step of the
 * person's, leads past them; and the program knows its breakpoints from its first statement on. Applied to its own result
 * it changes nothing.
 */
export function prepareForBreakpoints<Configuration extends Readonly<Record<string, unknown>>>(
  configuration: Configuration,
  agentPath: string,
  breakpoints: readonly SpanBreakpoint[],
): Configuration {
  const agentFiles = `${agentPath.replace(/[^\\/]+$/, "").replaceAll("\\", "/")}**`;
  const skipped = Array.isArray(configuration["skipFiles"]) ? (configuration["skipFiles"] as unknown[]) : [];
  const skipFiles = skipped.includes(agentFiles) ? skipped : [...skipped, agentFiles];
  const atStart = breakpoints.filter(({ enabled, moment }) => enabled && moment !== "slow");
  const env = isRecord(configuration["env"]) ? configuration["env"] : undefined;
  const told =
    env === undefined || atStart.length === 0 ? {} : { env: { ...env, [VARIABLE]: JSON.stringify(atStart) } };
  return { ...configuration, skipFiles, ...told };
}
