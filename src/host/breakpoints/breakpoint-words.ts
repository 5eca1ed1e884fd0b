import { formatDuration } from "../../base/time.ts";
import type { SpanBreakpoint, SpanMoment } from "../../protocol/span-breakpoint.ts";
import { debugTypeOf } from "../session/debug-types.ts";

/** Which spans a breakpoint is for. */
export type SpanCondition = Pick<SpanBreakpoint, "name" | "attribute" | "status">;

const STATUSES = ["unset", "ok", "error"] as const;

/**
 * Reads what a person types: a name, `key=value` and `status=error`, any of them, joined by ` & `; `*` and `?` are
 * wildcards. Nothing, or `*`, means every span. A text is why it cannot be read.
 */
export function parseSpanCondition(text: string): SpanCondition | string {
  let condition: SpanCondition = {};
  for (const term of text.split(" & ").map((one) => one.trim())) {
    if (term === "" || term === "*") continue;
    const [, key, value] = /^([\w.-]+)=(.*)$/s.exec(term) ?? [];
    if (key === undefined || value === undefined) {
      if (condition.name !== undefined) return "There can be one name only.";
      condition = { ...condition, name: term };
    } else if (key === "status") {
      const status = STATUSES.find((one) => one === value.toLowerCase());
      if (status === undefined) return "A status is unset, ok or error.";
      condition = { ...condition, status };
    } else if (condition.attribute !== undefined) return "There can be one attribute only.";
    else condition = { ...condition, attribute: { key, value } };
  }
  return condition;
}

/** The condition as it would be typed. In a name that would be read as something else, `?` stands for what misleads. */
export function spanConditionText({ name, attribute, status }: SpanCondition): string {
  const terms = [
    name?.replace(/^([\w.-]+)=/, "$1?").replace(/ &(?= )/g, " ?"),
    attribute && `${attribute.key}=${attribute.value}`,
    status && `status=${status}`,
  ].filter((term) => term !== undefined);
  return terms.length === 0 ? "*" : terms.join(" & ");
}

const MOMENT_WORDS: Readonly<Record<Exclude<SpanMoment, "slow">, string>> = {
  starts: "when it starts",
  ends: "when it ends",
  fails: "when it fails",
};

/** When a breakpoint stops, in words that follow its condition. */
export function momentWords({ moment, overMs = 0 }: SpanBreakpoint): string {
  return moment === "slow"
    ? `when it runs longer than ${formatDuration(overMs * 1e6)}`
    : MOMENT_WORDS[moment];
}

/** What is said of a breakpoint that the programs that run now cannot meet; undefined where they can, or none runs. */
export function unsupportedWords({ moment }: SpanBreakpoint, types: readonly string[]): string | undefined {
  if (moment === "slow" || types.length === 0 || types.some((type) => debugTypeOf(type)?.node === true))
    return undefined;
  return "Node only, and no Node program is debugged";
}

const STOP_WORDS = { starts: "started", ends: "ended", fails: "failed", slow: "runs too long" } as const;

/** Why the program stands. */
export function stopWords(moment: SpanMoment, name: string): string {
  return `Stopped: span ${name} ${STOP_WORDS[moment]}`;
}

/** A line of code as it is told. */
export function placeText({ path, line }: { readonly path: string; readonly line?: number }): string {
  const name = path.replace(/^.*[\\/]/, "");
  return line === undefined ? name : `${name}:${line}`;
}

/** Why it was paused, and where it hangs, if that is known. */
export function slowWords(name: string, runningMs: number, place: string | undefined): string {
  return `Paused: span ${name} has been running for ${formatDuration(runningMs * 1e6)}${place === undefined ? "" : `, at ${place}`}`;
}

/** Why it is to be paused, when it did not stop at once. */
export function waitingWords(name: string, runningMs: number, place: string | undefined): string {
  const what = `Span ${name} has been running for ${formatDuration(runningMs * 1e6)}.`;
  return `${what} Its process stops when ${place === undefined ? "what it waits for" : `the call at ${place}`} returns.`;
}
