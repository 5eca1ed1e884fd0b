import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import type { Span } from "../../src/model/span.ts";
import { NO_STRING, type TraceColumns } from "../../src/model/trace.ts";
import { programNs, selfProgramNs, stoodNs } from "../layout/program-time.ts";
import { spanOfRow } from "../layout/span-walk.ts";
import { icon } from "./icon.ts";
import { exactDuration } from "./span-words.ts";

/** How long a span ran, how much of it itself, and how long the debugger held it. */
export function spanTimes(span: Span, columns: TraceColumns | undefined, edgeNs: number): TemplateResult {
  const index = columns === undefined ? undefined : spanOfRow(columns, span.row);
  if (columns === undefined || index === undefined)
    return html`<dl class="times">${time("running", span.durationNs ?? Number.NaN)}</dl>`;
  const paused = stoodNs(columns, index, edgeNs);
  return html`<dl class="times">
      ${time(span.state === "running" ? "running for" : "running", programNs(columns, index, edgeNs))}
      ${paused > 0 ? time("paused", paused, "Time during which the debugger held it, or whom it waited for") : nothing}
      ${time("self", selfProgramNs(columns, index, edgeNs), "Time in which none of its children ran")}
    </dl>
    ${failedInPause(columns, index)}`;
}

function failedInPause(columns: TraceColumns, index: number): TemplateResult | typeof nothing {
  const who = columns.strings[columns.pauses?.failedIn[index] ?? NO_STRING];
  if (who === undefined) return nothing;
  return html`<p class="state warning">
    ${icon("debug-pause")} Failed during a pause of ${who}. Statistics leave it out.
  </p>`;
}

function time(label: string, ns: number, explanation?: string): TemplateResult {
  return html`<div>
    <dt title=${explanation ?? nothing}>${label}</dt>
    <dd class="number" title=${exactDuration(ns)}>${formatDuration(ns)}</dd>
  </div>`;
}
