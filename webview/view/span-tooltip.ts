import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import type { TraceColumns } from "../../src/model/trace.ts";
import { spanLabel } from "../layout/span-label.ts";
import { exactDuration, nameOr, spanWords } from "./span-words.ts";

/** What the pointer learns of a span, in three lines. */
export function spanTooltip(columns: TraceColumns, span: number, edgeNs: number): TemplateResult {
  const words = spanWords(columns, span, edgeNs);
  const started = formatDuration(columns.start[span] ?? 0);
  return html`
    <strong>${nameOr(spanLabel(columns, span)).slice(0, 300)}</strong>
    <div>
      ${formatDuration(words.durationNs)} <span class="dim">(${exactDuration(words.durationNs)})</span>
      ${words.stoodNs > 0 ? html` · paused ${formatDuration(words.stoodNs)}` : nothing}
      ${words.state === "ended" ? nothing : html` · <b>${words.state}</b>`}
      ${words.failedIn === undefined ? nothing : html` during a pause of ${words.failedIn}`}
    </div>
    <div class="dim">
      ${words.service} · starts at ${started}
      ${words.place === undefined ? nothing : html` · ${words.place.baseName}:${words.place.line}`}
    </div>
  `;
}
