import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { formatAge, formatDuration, NANOS_PER_MILLI } from "../../src/base/time.ts";
import type { TraceSummary } from "../../src/model/trace.ts";
import { liveEdgeNs, mayGrow } from "../state/live-edge.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { traceProgramNs } from "../state/trace-time.ts";
import type { Theme } from "../draw/theme.ts";
import { icon } from "./icon.ts";
import { exactDuration } from "./span-words.ts";
import { styles } from "./styles.ts";
import {
  accessibleTraceName,
  plural,
  serviceRoute,
  traceBadges,
  traceLabel,
  type Badge,
} from "./trace-words.ts";

export const TRACE_ROW_HEIGHT_PX = 40;

/** The id of a trace's row. */
export function traceElementId(trace: TraceSummary): string {
  return `trace-${trace.traceId}`;
}

/**
 * One trace in two lines: name and duration; services, spans and age.
 * @param row its place in the list, from 0.
 */
export function traceRow(model: PanelModel, theme: Theme, trace: TraceSummary, row: number): TemplateResult {
  const selected = trace.traceId === model.trace.traceId;
  const color = theme.services[model.slots.slotOf(trace.services[0] ?? "")]?.fill ?? theme.dim;
  const badges = traceBadges(trace, model.host);
  const growing = trace.runningCount > 0 && mayGrow(trace, model.host?.runs ?? [], Date.now());
  const durationNs = traceProgramNs(trace, liveEdgeNs(trace, growing, Date.now()));
  // A trace's age counts from its end: it is when it was last seen at work.
  const endMs = trace.startMs + trace.durationNs / NANOS_PER_MILLI;
  const age = growing ? "now" : formatAge(Math.max(0, Date.now() - endMs));
  return html`<div
    role="option"
    id=${traceElementId(trace)}
    class=${classMap({ "trace-row": true, selected, failed: trace.errorCount > 0 })}
    aria-selected=${selected ? "true" : "false"}
    aria-posinset=${row + 1}
    aria-setsize=${model.list.shown.length}
    aria-label=${accessibleTraceName(trace, model.host, age)}
    @click=${() => model.selectTrace(trace.traceId)}
  >
    <span class="service-dot" ${styles({ "background-color": color })}></span>
    <span class="trace-name" title=${traceLabel(trace).slice(0, 500)}
      >${traceLabel(trace).slice(0, 300)}</span
    >
    <span class="badges">${badges.map((badge) => badgeMark(badge))}</span>
    <span class="number" title=${exactDuration(durationNs)}>${formatDuration(durationNs)}</span>
    <span class="trace-services dim"
      >${serviceRoute(trace.services)} · ${plural(trace.spanCount, "span")}</span
    >
    <span class="trace-age dim" title=${new Date(trace.startMs).toLocaleString()}>${age}</span>
  </div>`;
}

function badgeMark(badge: Badge): TemplateResult {
  const count = badge.kind === "error" ? badge.text.split(" ")[0] : undefined;
  return html`<span class="badge ${badge.kind}" title=${badge.text}
    >${icon(badge.icon)}${count === undefined || count === "1" ? nothing : count}</span
  >`;
}
