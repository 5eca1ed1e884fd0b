import type { FoundSpan } from "../../model/span-stack.ts";
import { evaluateText, type Debuggee, type StoppedFrame } from "./debuggee.ts";
import { foundSpanOf } from "./found-span.ts";

/** Properties of `System.Diagnostics.Activity`, which is .NET's span; the form of its id is W3C's `traceparent`. */
export const DOTNET_EXPRESSION = ["Id", "ParentSpanId", "StartTimeUtc.Ticks", "DisplayName"]
  .map((property) => `System.Diagnostics.Activity.Current?.${property}`)
  .join(' + "|" + ');

/** Ticks are 100 ns since the year 1. */
const TICKS_AT_EPOCH = 621_355_968_000_000_000n;

/** The activity that a stopped .NET thread is in. */
export async function findDotnetSpan(
  debuggee: Debuggee,
  { frameId }: StoppedFrame,
): Promise<readonly FoundSpan[]> {
  const found = parseActivity(await evaluateText(debuggee, frameId, DOTNET_EXPRESSION));
  return found === undefined ? [] : [found];
}

export function parseActivity(text: string | undefined): FoundSpan | undefined {
  const parts = /00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\|([0-9a-f]{16})?\|(\d{1,19})\|(.*?)"?$/.exec(
    text ?? "",
  );
  if (parts === null) return undefined;
  const [, traceId, spanId, parent, ticks = "0", name] = parts;
  const start = (BigInt(ticks) - TICKS_AT_EPOCH) * 100n;
  return foundSpanOf([traceId, spanId, name, parent, start > 0n ? start.toString() : "0", false, []]);
}
