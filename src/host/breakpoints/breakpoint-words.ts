import { formatDuration } from "../../base/time.ts";
import type { SpanBreakpoint, SpanMoment } from "../../protocol/span-breakpoint.ts";

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

/** The condition as it would be typed. */
export function spanConditionText({ name, attribute, status }: SpanCondition): string {
  const terms = [
    name,
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

const STOP_WORDS = { starts: "started", ends: "ended", fails: "failed" } as const;

/** Why the program stands. */
export function stopWords(moment: Exclude<SpanMoment, "slow">, name: string): string {
  return `Stopped: span ${name} ${STOP_WORDS[moment]}`;
}

/** Why it was paused. */
export function slowWords(name: string, runningMs: number): string {
  return `Paused: span ${name} has been running for ${formatDuration(runningMs * 1e6)}`;
}
