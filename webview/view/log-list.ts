import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import { logLevelOf, type LogLevel, type LogRecord } from "../../src/model/log-record.ts";
import type { Span } from "../../src/model/span.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { attributeList } from "./attribute-list.ts";
import { attributeText, valueText } from "./attribute-words.ts";
import { exceptionBlock } from "./exception-block.ts";
import { icon, iconButton, link } from "./icon.ts";
import { baseName, spokenPlace } from "./span-words.ts";
import { plural } from "./trace-words.ts";

/** Longer bodies are cut on the screen; copying gives all of them. */
const MAX_SHOWN = 4000;

/** What a closed record shows of its body. */
const MAX_LINE = 300;

/** The log records of the selected span, in the order in which they happened. */
export class LogList {
  readonly #model: PanelModel;
  readonly #changed: () => void;
  /** Rows whose details are open: others' attributes are not drawn. */
  readonly #open = new Set<number>();

  constructor(model: PanelModel, changed: () => void) {
    this.#model = model;
    this.#changed = changed;
  }

  /** Nothing where the span has none. */
  render(span: Span): TemplateResult | typeof nothing {
    const { list } = this.#model.logs;
    if (list === undefined || list.totalCount === 0) return nothing;
    const olderCount = list.totalCount - list.records.length;
    return html`<details class="section" open>
      <summary>Logs <span class="dim">${list.totalCount}</span></summary>
      ${olderCount > 0 ? html`<p class="dim">${plural(olderCount, "older record")} not shown.</p>` : nothing}
      <ul class="logs" aria-label="Logs of this span">
        ${list.records.toReversed().map((record) => html`<li>${this.#record(span, record)}</li>`)}
      </ul>
    </details>`;
  }

  #record(span: Span, record: LogRecord): TemplateResult {
    const { row } = record;
    const body = bodyText(record);
    const line = firstLine(body);
    const head = html`<span class="number dim">${offsetText(span, record)}</span> ${severityMark(record)}
      <span class="log-line">${line}</span> ${placeLink(this.#model, record)}`;
    const hasMore = record.attributes.length + record.droppedAttributesCount > 0 || line !== body;
    if (!hasMore) return html`<div class="log">${head}</div>`;
    const onToggle = (event: Event): void => {
      const isOpen = (event.target as HTMLDetailsElement).open;
      if (isOpen === this.#open.has(row)) return;
      if (isOpen) this.#open.add(row);
      else this.#open.delete(row);
      this.#changed();
    };
    return html`<details class="log" ?open=${this.#open.has(row)} @toggle=${onToggle}>
      <summary>${head}</summary>
      ${this.#open.has(row) ? this.#more(record, line === body ? "" : body) : nothing}
    </details>`;
  }

  #more(record: LogRecord, body: string): TemplateResult {
    const copy = (): void => void this.#model.copy(body, "the log record's text");
    return html`<div class="log-more">
      ${
        body === ""
          ? nothing
          : html`<div class="log-body">
              <span class="value">${body.length > MAX_SHOWN ? `${body.slice(0, MAX_SHOWN)}…` : body}</span>
              ${iconButton("copy", "Copy the log record's text", copy)}
            </div>`
      }
      ${exceptionOf(this.#model, record)}
      ${attributeList(
        this.#model,
        record.attributes.filter(({ key }) => !EXCEPTION_KEYS.has(key)),
      )}
      ${
        record.droppedAttributesCount === 0
          ? nothing
          : html`<p class="dim">${plural(record.droppedAttributesCount, "attribute")} more were not sent.</p>`
      }
    </div>`;
  }
}

/** An event may have no body; then its name says what happened. */
function bodyText({ body, eventName, attributes }: LogRecord): string {
  const text = valueText(body);
  if (text !== "") return text;
  return eventName === "" ? (attributeText(attributes, "exception.message") ?? "(empty)") : eventName;
}

function firstLine(text: string): string {
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
}

/** Counted from the span's start, as its events are. */
function offsetText(span: Span, { timeUnixNano }: LogRecord): string {
  if (timeUnixNano === "0") return "–";
  return formatDuration(Number(BigInt(timeUnixNano) - BigInt(span.startTimeUnixNano)));
}

const LEVEL_MARKS: Readonly<Record<LogLevel, readonly [icon: string, word: string, tone: string]>> = {
  trace: ["circle-small", "Trace", "dim"],
  debug: ["bug", "Debug", "dim"],
  info: ["info", "Info", ""],
  warn: ["warning", "Warning", "warning"],
  error: ["error", "Error", "error"],
  fatal: ["flame", "Fatal", "error"],
};

/** An icon and a word: colour never says it alone. The sender's own word, where there is no number to go by. */
function severityMark({ severity, severityText }: LogRecord): TemplateResult | typeof nothing {
  const level = logLevelOf(severity);
  if (level === undefined) {
    return severityText === ""
      ? nothing
      : html`<span class="severity dim">${severityText.slice(0, 20)}</span>`;
  }
  const [name, word, tone] = LEVEL_MARKS[level];
  return html`<span class="severity ${tone}" title=${severityText === "" ? word : severityText.slice(0, 100)}
    >${icon(name)} ${word}</span
  >`;
}

/** Where the line was logged, if its code attributes tell. */
function placeLink(model: PanelModel, { locations }: LogRecord): TemplateResult | typeof nothing {
  const place = locations.find(({ evidence, path }) => evidence === "code-attributes" && path !== "");
  if (place === undefined) return nothing;
  const { path, line = 0 } = place;
  const name = baseName(path).slice(0, 200);
  return link(
    line > 0 ? `${name}:${line}` : name,
    `Open ${spokenPlace({ baseName: name, line })}`,
    (event) => {
      // It stands in the record's summary, which a click would open or close.
      event.preventDefault();
      const far = event instanceof MouseEvent && (event.ctrlKey || event.metaKey);
      void model.openSource(far, place);
    },
  );
}

function exceptionOf(model: PanelModel, record: LogRecord): TemplateResult | typeof nothing {
  const { attributes, frames } = record;
  if (!attributes.some(({ key }) => EXCEPTION_KEYS.has(key))) return nothing;
  const event = { name: "exception", offsetNs: 0, attributes, ...(frames !== undefined && { frames }) };
  return exceptionBlock(model, event);
}

/** What the block of an exception shows (semantic conventions, "Exceptions in logs"). */
const EXCEPTION_KEYS: ReadonlySet<string> = new Set([
  "exception.type",
  "exception.message",
  "exception.stacktrace",
]);
