import { html, nothing, type TemplateResult } from "lit";
import type { PrintedFrame } from "../../src/model/source-location.ts";
import type { SpanEvent } from "../../src/model/span.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { attributeText } from "./attribute-words.ts";
import { icon, iconButton, link } from "./icon.ts";
import { baseName } from "./span-words.ts";

/** Frames shown; a stack overflow has ten thousand alike. */
const MAX_FRAMES = 100;
/** Characters shown of a line. */
const MAX_LINE_LENGTH = 1000;

export function isException(event: SpanEvent): boolean {
  return event.name === "exception";
}

/** An exception with its message and its stack, whose known frames lead to their lines. */
export function exceptionBlock(model: PanelModel, event: SpanEvent): TemplateResult {
  const type = attributeText(event.attributes, "exception.type") ?? "Exception";
  const message = attributeText(event.attributes, "exception.message") ?? "";
  const stack = attributeText(event.attributes, "exception.stacktrace");
  const whole = stack ?? `${type}: ${message}`;
  return html`<div class="exception">
    <div class="exception-head">
      ${icon("error")} <strong>${type}</strong> <span class="value">${message.slice(0, 4000)}</span>
      ${iconButton("copy", "Copy the exception", () => void model.copy(whole, "the exception"))}
    </div>
    ${stack === undefined ? nothing : stackLines(model, stack, event.frames ?? [])}
  </div>`;
}

function stackLines(model: PanelModel, stack: string, frames: readonly PrintedFrame[]): TemplateResult {
  const byLine = new Map(frames.map((frame) => [frame.textLine, frame]));
  const lines = [...stack.split("\n").entries()].filter(([, line]) => line.trim() !== "");
  return html`<ol class="stack">
    ${lines.slice(0, MAX_FRAMES).map(([index, line]) => stackLine(model, line, byLine.get(index)))}
    ${lines.length > MAX_FRAMES ? html`<li class="dim">${lines.length - MAX_FRAMES} more</li>` : nothing}
  </ol>`;
}

/** A line whose place the engine could read has it as a link; frames of libraries stand back. */
function stackLine(model: PanelModel, line: string, frame: PrintedFrame | undefined): TemplateResult {
  if (frame === undefined || frame.end > MAX_LINE_LENGTH)
    return html`<li>${line.trimStart().slice(0, MAX_LINE_LENGTH)}</li>`;
  const { start, end, isLibrary, location } = frame;
  const at = location.line === undefined ? "" : ` line ${location.line}`;
  const open = (): void => void model.openSource(false, location);
  const place = link(line.slice(start, end), `Open ${baseName(location.path)}${at}`, open);
  return html`<li class=${isLibrary ? "dim" : ""}>
    ${line.slice(0, start).trimStart()}${place}${line.slice(end, MAX_LINE_LENGTH)}
  </li>`;
}
