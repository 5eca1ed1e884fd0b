import type { PanelState } from "../../src/protocol/panel.ts";
import { formatDuration } from "../../src/base/time.ts";
import type { TraceSummary } from "../../src/model/trace.ts";
import { traceProgramNs } from "../state/trace-time.ts";
import { nameOr, spokenDuration } from "./span-words.ts";

export interface Badge {
  readonly icon: string;
  readonly text: string;
  readonly kind: "error" | "warning" | "quiet";
}

/** What sets a trace apart, the most important first. */
export function traceBadges(trace: TraceSummary, host: PanelState | undefined): readonly Badge[] {
  const badges: Badge[] = [];
  if (trace.errorCount > 0) {
    badges.push({ icon: "error", text: plural(trace.errorCount, "error"), kind: "error" });
  }
  if (trace.runningCount > 0) {
    badges.push(
      isPaused(trace, host)
        ? { icon: "debug-pause", text: "paused", kind: "warning" }
        : { icon: "play", text: "running", kind: "warning" },
    );
  }
  if (trace.stoodNs !== undefined) {
    badges.push({ icon: "debug-pause", text: `paused ${formatDuration(trace.stoodNs)}`, kind: "quiet" });
  }
  if (trace.failedInPauseCount !== undefined) {
    badges.push({
      icon: "debug-pause",
      text: `${trace.failedInPauseCount} failed in a pause`,
      kind: "quiet",
    });
  }
  if (trace.lostCount > 0) {
    badges.push({
      icon: "debug-disconnect",
      text: `${trace.lostCount} lost with the process`,
      kind: "warning",
    });
  }
  if (trace.missingParentCount > 0) {
    badges.push({ icon: "circle-slash", text: "incomplete", kind: "quiet" });
  }
  if (trace.pinned) badges.push({ icon: "pinned", text: "pinned", kind: "quiet" });
  return badges;
}

/** The debugger holds the run that this trace belongs to, and the trace is not done. */
export function isPaused(trace: TraceSummary, host: PanelState | undefined): boolean {
  if (trace.heldSinceNs !== undefined) return true;
  if (host === undefined || trace.runningCount === 0) return false;
  return host.sessions.some((session) => session.run === trace.run && host.paused.includes(session.id));
}

/** A trace's name as it is shown, with its path where the name is a method alone: `GET /cart/7`. */
export function traceLabel({ name, subject }: Pick<TraceSummary, "name" | "subject">): string {
  return subject === undefined ? nameOr(name) : `${nameOr(name)} ${subject}`;
}

/** `api → cart, payment`: who was called first, and whom that led to. */
export function serviceRoute(services: readonly string[]): string {
  const [first, ...others] = services;
  if (first === undefined) return "unknown service";
  return others.length === 0 ? first : `${first} → ${others.join(", ")}`;
}

/** The accessible name of a trace in the list; it begins with the trace's name. */
export function accessibleTraceName(trace: TraceSummary, host: PanelState | undefined, age: string): string {
  return [
    nameOr(trace.name),
    spokenDuration(traceProgramNs(trace, trace.durationNs)),
    serviceRoute(trace.services),
    plural(trace.spanCount, "span"),
    ...traceBadges(trace, host).map((badge) => badge.text),
    ...(trace.subject === undefined ? [] : [`about ${trace.subject}`]),
    age,
  ].join(", ");
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
