import { html, nothing, type TemplateResult } from "lit";
import type { SourceLocation } from "../../src/model/source-location.ts";
import type { Span, SpanEvent } from "../../src/model/span.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { attributeText } from "./attribute-words.ts";
import { icon, iconButton, link } from "./icon.ts";
import { baseName } from "./span-words.ts";

/** Frames shown; a stack overflow has ten thousand alike. */
const MAX_FRAMES = 100;

export function isException(event: SpanEvent): boolean {
  return event.name === "exception";
}

/** An exception with its message and its stack, whose known frames lead to their lines. */
export function exceptionBlock(model: PanelModel, span: Span, event: SpanEvent): TemplateResult {
  const type = attributeText(event.attributes, "exception.type") ?? "Exception";
  const message = attributeText(event.attributes, "exception.message") ?? "";
  const stack = attributeText(event.attributes, "exception.stacktrace");
  const whole = stack ?? `${type}: ${message}`;
  return html`<div class="exception">
    <div class="exception-head">
      ${icon("error")} <strong>${type}</strong> <span class="value">${message.slice(0, 4000)}</span>
      ${iconButton("copy", "Copy the exception", () => void model.copy(whole, "the exception"))}
    </div>
    ${stack === undefined ? nothing : stackLines(model, span, stack)}
  </div>`;
}

function stackLines(model: PanelModel, span: Span, stack: string): TemplateResult {
  const lines = stack.split("\n").filter((line) => line.trim() !== "");
  const frames = span.locations.filter((location) => location.line !== undefined);
  return html`<ol class="stack">
    ${lines.slice(0, MAX_FRAMES).map((line) => html`<li>${stackLine(model, line.slice(0, 1000), frames)}</li>`)}
    ${lines.length > MAX_FRAMES ? html`<li class="dim">${lines.length - MAX_FRAMES} more</li>` : nothing}
  </ol>`;
}

/** A frame's place becomes a link where the engine read a location out of that very line. */
function stackLine(
  model: PanelModel,
  line: string,
  frames: readonly SourceLocation[],
): TemplateResult | string {
  for (const frame of frames) {
    const place = `${frame.path}:${frame.line ?? 0}`;
    const at = line.indexOf(place);
    if (at < 0) continue;
    const label = `Open ${baseName(frame.path)} line ${frame.line ?? 0}`;
    const open = (): void => void model.openSource(false, frame);
    return html`${line.slice(0, at).trimStart()}${link(place, label, open)}${line.slice(at + place.length)}`;
  }
  return line.trimStart();
}
