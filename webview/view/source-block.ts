import { html, nothing, type TemplateResult } from "lit";
import { isGuess, type LocationEvidence } from "../../src/model/source-location.ts";
import type { PausePlace } from "../../src/model/pause.ts";
import type { Span } from "../../src/model/span.ts";
import type { ResolvedSource } from "../../src/protocol/panel.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { icon, link } from "./icon.ts";
import { baseName, spokenPlace } from "./span-words.ts";

const EVIDENCE_WORDS: Readonly<Record<LocationEvidence, string>> = {
  "code-attributes": "from the span's own code attributes",
  "call-site": "call site seen by the agent",
  handler: "handler seen by the agent",
  function: "function traced by the agent",
  "exception-frame": "frame of the exception's stack",
  "stack-frame": "frame of the recorded stack",
  route: "looked up by the route",
  name: "looked up by the name",
  query: "looked up by the query's text",
};

/** Where the span came from, and where the debugger stands in it. */
export function sourceBlock(model: PanelModel, span: Span): TemplateResult {
  const stop = model.host?.activeSpan?.row === span.row ? standingIn(model, span) : undefined;
  return html`${stop === undefined ? origin(model, span) : stopped(model, stop, origin(model, span, true))}`;
}

/** The pause that lasts in the span's process. */
function standingIn({ trace }: PanelModel, { service }: Span): PausePlace | undefined {
  return trace.columns?.pauses?.bands.findLast(({ end, who }) => end === Infinity && who === service)?.place;
}

function stopped(model: PanelModel, stop: PausePlace, origin: TemplateResult): TemplateResult {
  const { path, line, functionName } = stop;
  const name = baseName(path);
  const resolved = model.span.source?.resolved;
  if (resolved?.baseName === name && resolved.line === line) return origin;
  const open = (): void =>
    void model.openSource(false, {
      path,
      line,
      ...(functionName !== undefined && { functionName }),
      evidence: "stack-frame",
    });
  return html`<div class="source-place stop">
      ${icon("debug-stackframe")}
      ${link(`${name}:${line}`, `Open ${spokenPlace({ baseName: name, line })}`, open)}
      <span class="dim">the debugger stands here</span>
    </div>
    ${origin}`;
}

/** A link, how that was found, and the lines themselves. @param hasStop what is not known is not worth saying. */
function origin(model: PanelModel, span: Span, hasStop = false): TemplateResult {
  const { source, resolving } = model.span;
  if (source === undefined)
    return hasStop && span.locations.length === 0 ? html`` : unresolved(span, resolving);
  const { resolved } = source;
  const spoken = spokenPlace(resolved);
  const open = (event: Event): void => {
    const far = event instanceof MouseEvent && (event.ctrlKey || event.metaKey);
    void model.openSource(far);
  };
  return html`<div class="source">
    <div class="source-place">
      ${link(`${resolved.label}:${resolved.line}`, `Open ${spoken}`, open)}
      <span class="dim">
        ${
          resolved.guess || isGuess(resolved.evidence)
            ? html`<span class="badge warning" title="Nothing recorded this place; it was inferred"
                >guess</span
              >`
            : nothing
        }
        ${EVIDENCE_WORDS[resolved.evidence]}${resolved.insideWorkspace ? nothing : ", outside the workspace"}
      </span>
    </div>
    ${resolved.excerpt === undefined ? nothing : excerpt(resolved, resolved.excerpt)}
  </div>`;
}

function excerpt(
  resolved: ResolvedSource,
  { firstLine, lines }: { readonly firstLine: number; readonly lines: readonly string[] },
): TemplateResult {
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length),
  );
  const shift = Number.isFinite(indent) ? indent : 0;
  return html`<div class="excerpt" role="group" aria-label="Source lines">
    ${lines.map((line, i) => {
      const number = firstLine + i;
      return html`<div class=${number === resolved.line ? "source-line here" : "source-line"}>
        <span class="line-number">${number}</span><code>${line.slice(shift, shift + 500) || " "}</code>
      </div>`;
    })}
  </div>`;
}

function unresolved(span: Span, resolving: boolean): TemplateResult {
  const [location] = span.locations;
  if (resolving) return html`<div class="source dim">Looking for the source…</div>`;
  if (location === undefined) {
    return html`<div class="source dim">No place in the code is known for this span.</div>`;
  }
  if (location.lookup !== undefined) {
    return html`<div class="source dim">
      Nothing recorded a place in the code, and it was not found (${EVIDENCE_WORDS[location.evidence]}).
    </div>`;
  }
  const line = location.line === undefined ? "" : `:${location.line}`;
  return html`<div class="source dim" title=${location.path.slice(0, 1000)}>
    ${icon("warning")} ${baseName(location.path).slice(0, 200)}${line} is not in this workspace
    (${EVIDENCE_WORDS[location.evidence]}).
  </div>`;
}
