import { compressedTargets } from "./compressed-targets.ts";
import { decodeTargets } from "./decode-targets.ts";
import { engineTargets } from "./engine-targets.ts";
import { openLogTargets } from "./log-targets.ts";
import { logsRequestTargets } from "./logs-request-targets.ts";
import { metricsTargets } from "./metrics-targets.ts";
import { queryTargets } from "./query-targets.ts";
import { redactionTargets } from "./redaction-targets.ts";
import { openRunFileTargets } from "./run-file-targets.ts";
import { signalRequestTargets } from "./signal-request-targets.ts";
import type { Target } from "./target.ts";

/** All targets but those of sockets. */
export async function openTargets(): Promise<{ targets: readonly Target[]; close: () => void }> {
  const { targets: runFileTargets, close } = await openRunFileTargets();
  const targets = [
    ...decodeTargets,
    ...engineTargets(),
    ...signalRequestTargets(),
    ...compressedTargets,
    ...metricsTargets(),
    ...logsRequestTargets,
    ...redactionTargets(),
    ...queryTargets(),
    ...(await openLogTargets()),
    ...runFileTargets,
  ];
  return { targets, close };
}
