import type { SessionId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";

/**
 * How long a session's program ran between its last stop and the one that it stands at, in nanoseconds. Undefined where
 * it stands at none, or at its first.
 */
export function sinceLastStopNs(pauses: readonly Pause[], sessionId: SessionId): number | undefined {
  const own = pauses.filter((pause) => pause.sessionId === sessionId);
  const lasting = own.filter(({ endTimeUnixNano }) => endTimeUnixNano === undefined);
  const stoppedAt = least(lasting.map(({ startTimeUnixNano }) => BigInt(startTimeUnixNano)));
  if (stoppedAt === undefined) return undefined;
  const gaps = own
    .flatMap(({ endTimeUnixNano }) =>
      endTimeUnixNano === undefined ? [] : [stoppedAt - BigInt(endTimeUnixNano)],
    )
    .filter((gap) => gap >= 0n);
  const shortest = least(gaps);
  return shortest === undefined ? undefined : Number(shortest);
}

function least(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
}
