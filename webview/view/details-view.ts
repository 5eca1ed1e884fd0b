import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import type { Span, SpanEvent, SpanLink } from "../../src/model/span.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { attributeList } from "./attribute-list.ts";
import { filterAttributes } from "./attribute-words.ts";
import { exceptionBlock, isException } from "./exception-block.ts";
import { icon, iconButton, link } from "./icon.ts";
import { LogList } from "./log-list.ts";
import { sourceBlock } from "./source-block.ts";
import { spanTimes } from "./span-times.ts";
import { nameOr } from "./span-words.ts";
import { plural } from "./trace-words.ts";

/** From this many attributes on, a box to filter them is worth its place. */
const FILTER_FROM = 8;
const MAX_EVENTS = 200;

/** Everything about the selected span. */
export class DetailsView {
  readonly #model: PanelModel;
  readonly #edgeNs: () => number;
  readonly #changed: () => void;
  readonly #logs: LogList;
  #filter = "";
  #rawOpen = false;

  /** @param edgeNs how far running spans reach now. */
  constructor(model: PanelModel, edgeNs: () => number, changed: () => void) {
    this.#model = model;
    this.#edgeNs = edgeNs;
    this.#changed = changed;
    this.#logs = new LogList(model, changed);
  }

  render(): TemplateResult {
    const { span, row } = this.#model.span;
    return html`<section class="column details-column" role="region" aria-label="Span details">
      ${span === undefined || row === undefined ? this.#nothing() : this.#span(span)}
    </section>`;
  }

  #nothing(): TemplateResult {
    const { problem } = this.#model.span;
    if (problem !== undefined) return html`<div class="empty">${problem.message}</div>`;
    return html`<div class="empty dim">
      ${this.#model.trace.columns === undefined ? nothing : "Select a span to see where it came from."}
    </div>`;
  }

  #span(span: Span): TemplateResult {
    const exceptions = span.events.filter(isException);
    const events = span.events.filter((event) => !isException(event));
    const what = [span.service, span.kind === "unspecified" ? "" : span.kind, scopeName(span)];
    return html`
      <header class="details-head">
        <h2 title=${span.name.slice(0, 1000)}>${nameOr(span.name).slice(0, 1000)}</h2>
        ${iconButton("copy", "Copy the span's name", () => void this.#model.copy(span.name, "the name"))}
      </header>
      <div class="dim">${what.filter((part) => part !== "").join(" · ")}</div>
      ${sourceBlock(this.#model, span)} ${spanTimes(span, this.#model.trace.columns, this.#edgeNs())}
      ${this.#status(span)} ${exceptions.map((event) => exceptionBlock(this.#model, event))}
      ${this.#attributes(span)} ${this.#events(events, span.droppedEventsCount)} ${this.#logs.render(span)}
      ${this.#links(span.links, span.droppedLinksCount)}
      ${section(
        "Resource",
        span.resource.length,
        () => attributeList(this.#model, filterAttributes(span.resource, this.#filter)),
        false,
      )}
      ${this.#identity(span)} ${this.#raw(span)}
    `;
  }

  #status(span: Span): TemplateResult {
    return html`
      ${
        span.status === "error"
          ? html`<p class="state error">
              ${icon("error")}
              Error${span.statusMessage === "" ? "" : `: ${span.statusMessage.slice(0, 4000)}`}
            </p>`
          : nothing
      }
      ${span.state === "running" ? html`<p class="state warning">${icon("play")} Still running</p>` : nothing}
      ${
        span.state === "lost"
          ? html`<p class="state warning">
              ${icon("debug-disconnect")} Its process was gone before it ended.
            </p>`
          : nothing
      }
      ${
        span.durationNs !== undefined && span.durationNs < 0
          ? html`<p class="state warning">
              ${icon("warning")} Its end lies before its start: a clock ran backwards.
            </p>`
          : nothing
      }
    `;
  }

  #attributes(span: Span): TemplateResult | typeof nothing {
    if (span.attributes.length === 0) return nothing;
    const shown = filterAttributes(span.attributes, this.#filter);
    return section(
      "Attributes",
      span.attributes.length,
      () => html`
        ${
          span.attributes.length + span.resource.length < FILTER_FROM
            ? nothing
            : html`<input
                class="filter"
                type="text"
                aria-label="Filter attributes"
                placeholder="Filter attributes"
                .value=${this.#filter}
                @input=${(event: InputEvent) => {
                  this.#filter = (event.target as HTMLInputElement).value;
                  this.#changed();
                }}
              />`
        }
        ${shown.length === 0 ? html`<p class="dim">No attribute has “${this.#filter}” in it.</p>` : nothing}
        ${attributeList(this.#model, shown)} ${dropped(span.droppedAttributesCount, "attribute")}
      `,
    );
  }

  #events(events: readonly SpanEvent[], droppedCount: number): TemplateResult | typeof nothing {
    if (events.length + droppedCount === 0) return nothing;
    return section(
      "Events",
      events.length,
      () => html`
        ${events.slice(0, MAX_EVENTS).map(
          (event) =>
            html`<div class="event">
              <div>
                <span class="number dim">${formatDuration(event.offsetNs)}</span>
                ${nameOr(event.name).slice(0, 300)}
              </div>
              ${event.attributes.length === 0 ? nothing : attributeList(this.#model, event.attributes)}
            </div>`,
        )}
        ${dropped(Math.max(events.length - MAX_EVENTS, 0) + droppedCount, "event")}
      `,
    );
  }

  #links(links: readonly SpanLink[], droppedCount: number): TemplateResult | typeof nothing {
    if (links.length + droppedCount === 0) return nothing;
    return section(
      "Links",
      links.length,
      () => html`
        ${links.slice(0, MAX_EVENTS).map(
          (one) =>
            html`<div class="event">
              <div>
                ${link(`trace ${one.traceId.slice(0, 8)}…`, `Open linked trace ${one.traceId}`, () => this.#model.selectTrace(one.traceId))}
                <span class="dim">span ${one.spanId}</span>
              </div>
              ${one.attributes.length === 0 ? nothing : attributeList(this.#model, one.attributes)}
            </div>`,
        )}
        ${dropped(droppedCount, "link")}
      `,
    );
  }

  #identity(span: Span): TemplateResult {
    const facts = [
      { key: "trace id", value: span.traceId },
      { key: "span id", value: span.spanId },
      ...(span.parentSpanId === undefined ? [] : [{ key: "parent span id", value: span.parentSpanId }]),
      { key: "started", value: startText(span.startTimeUnixNano) },
      ...(span.scope.name === ""
        ? []
        : [{ key: "scope", value: `${span.scope.name} ${span.scope.version}`.trim() }]),
    ];
    return section(
      "Identity",
      undefined,
      () =>
        html`<dl class="attributes">
          ${facts.map(
            ({ key, value }) =>
              html`<div class="attribute">
                <dt>${key}</dt>
                <dd>
                  <span class="value">${value}</span>
                  <span class="row-actions"
                    >${iconButton("copy", `Copy ${key}`, () => void this.#model.copy(value, key))}</span
                  >
                </dd>
              </div>`,
          )}
        </dl>`,
      false,
    );
  }

  #raw(span: Span): TemplateResult {
    const text = (): string => JSON.stringify(span, undefined, 2);
    return html`<details
      class="section"
      ?open=${this.#rawOpen}
      @toggle=${(event: Event) => {
        this.#rawOpen = (event.target as HTMLDetailsElement).open;
        this.#changed();
      }}
    >
      <summary>Span as JSON</summary>
      <div class="code-block">
        ${this.#rawOpen ? html`<pre tabindex="0" aria-label="Span as JSON">${text().slice(0, 100_000)}</pre>` : nothing}
        ${iconButton("copy", "Copy the span as JSON", () => void this.#model.copy(text(), "the span as JSON"))}
      </div>
    </details>`;
  }
}

/** The instrumented library where the scope is an instrumentation of it: `pg`, not `@opentelemetry/instrumentation-pg`. */
function scopeName(span: Span): string {
  return span.scope.name.replace(/^@opentelemetry\/instrumentation-/, "");
}

function section(
  title: string,
  count: number | undefined,
  body: () => TemplateResult,
  open = true,
): TemplateResult {
  return html`<details class="section" ?open=${open}>
    <summary>${title}${count === undefined ? nothing : html` <span class="dim">${count}</span>`}</summary>
    ${body()}
  </details>`;
}

function dropped(count: number, noun: string): TemplateResult | typeof nothing {
  return count === 0 ? nothing : html`<p class="dim">${plural(count, noun)} more are not shown.</p>`;
}

/** The moment to the nanosecond, in local time. */
function startText(startTimeUnixNano: string): string {
  const nanos = BigInt(startTimeUnixNano);
  const date = new Date(Number(nanos / 1_000_000n));
  const fraction = String(nanos % 1_000_000_000n).padStart(9, "0");
  return `${date.toLocaleDateString()} ${date.toLocaleTimeString("en-GB")}.${fraction}`;
}
