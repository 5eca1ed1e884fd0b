import "@vscode-elements/elements/dist/vscode-button/index.js";
import { html, nothing, type TemplateResult } from "lit";
import type { Problem } from "../../src/base/result.ts";
import { formatAge } from "../../src/base/time.ts";
import type { EngineState } from "../../src/protocol/engine.ts";
import type { PanelState } from "../../src/protocol/panel.ts";
import type { PanelModel } from "../state/panel-model.ts";
import { icon } from "./icon.ts";
import { environmentBlock, sessionNotes } from "./session-notes.ts";
import { agentWords } from "./session-words.ts";
import { plural } from "./trace-words.ts";

/** What stands in place of traces while there are none: why, and what to do about it. */
export function waitingView(model: PanelModel): TemplateResult {
  const { host } = model;
  if (host === undefined) return page("loading", "Starting", html`<p class="dim">One moment.</p>`);
  if (!host.trusted) return untrusted(model);
  if (!host.enabled) return disabled(model);
  if (host.problem !== undefined) return unable(model, host.problem);
  return host.sessions.some((session) => session.active) ? listening(model, host) : nothingYet(model, host);
}

function nothingYet(model: PanelModel, host: PanelState): TemplateResult {
  return page(
    "pulse",
    "No traces yet",
    html`<p>
        Press F5: every request that your program handles appears here as a flame graph beside its code.
      </p>
      <div class="buttons">
        <vscode-button @click=${() => void model.run("start-debugging")}>Start debugging</vscode-button>
        <vscode-button secondary @click=${() => void model.run("open-file")}>Open a trace file</vscode-button>
      </div>
      ${portsLine(host)}`,
  );
}

function listening(model: PanelModel, host: PanelState): TemplateResult {
  const agents = host.engine?.agents ?? [];
  return page(
    "broadcast",
    "Listening, nothing received yet",
    html`<p>Make a request to your program, and its trace appears here.</p>
      ${portsLine(host)}
      ${
        agents.length === 0
          ? html`<p class="dim">No program has connected yet.</p>`
          : html`<ul class="notes">
              ${agents.map((agent) => html`<li>${agentWords(agent)}</li>`)}
            </ul>`
      }
      ${sessionNotes(model, false)} ${countedSignals(host.engine)}
      ${
        host.environment === undefined
          ? nothing
          : html`<h3>For a program that was started elsewhere</h3>
              <p>An OpenTelemetry SDK in any language sends its traces here with these variables:</p>
              ${environmentBlock(model, host.environment)}`
      }`,
  );
}

function untrusted(model: PanelModel): TemplateResult {
  return page(
    "shield",
    "This workspace is not trusted",
    html`<p>
        Nothing is added to the programs that it starts, so they send no traces. Trust the workspace to see
        them.
      </p>
      <div class="buttons">
        <vscode-button @click=${() => void model.run("manage-trust")}>Manage workspace trust</vscode-button>
        <vscode-button secondary @click=${() => void model.run("open-file")}>Open a trace file</vscode-button>
      </div>`,
  );
}

function disabled(model: PanelModel): TemplateResult {
  return page(
    "circle-slash",
    "Spanlight is switched off here",
    html`<p>
        The setting <code>spanlight.enabled</code> is off for this workspace: programs start without tracing.
      </p>
      <div class="buttons">
        <vscode-button @click=${() => void model.run("open-settings")}>Open settings</vscode-button>
      </div>`,
  );
}

function unable(model: PanelModel, problem: Problem): TemplateResult {
  return page(
    "error",
    "Nothing can be received",
    html`<p>${problem.message}</p>
      ${problem.advice === undefined ? nothing : html`<p>${problem.advice}</p>`}
      <div class="buttons">
        <vscode-button secondary @click=${() => void model.copy(problemText(problem), "the details")}
          >Copy details</vscode-button
        >
      </div>`,
  );
}

/** What left because of the limit, in one line; nothing while nothing did. */
export function evictionNotice(model: PanelModel, engine: EngineState): TemplateResult | typeof nothing {
  if (engine.evictedCount === 0) return nothing;
  const { evictedUntilMs } = engine;
  const age =
    evictedUntilMs === undefined
      ? ""
      : ` older than ${formatAge(Math.max(Date.now() - evictedUntilMs, 1000)).replace(" ago", "")}`;
  return html`<div class="evicted">
    ${plural(engine.evictedCount, "trace")}${age} left because of the limit.
    <button class="text-button" type="button" @click=${() => void model.run("open-settings")}>
      Raise the limit
    </button>
  </div>`;
}

/** A problem as it is pasted into a report. */
export function problemText(problem: Problem): string {
  return [problem.code, problem.message, problem.advice].filter((part) => part !== undefined).join("\n");
}

function portsLine(host: PanelState): TemplateResult | typeof nothing {
  const ports = host.engine?.ports;
  if (ports === undefined) return nothing;
  const taken = ports.taken.length === 0 ? "" : ` (${ports.taken.join(" and ")} taken by another program)`;
  return html`<p class="dim">
    ${icon("radio-tower")} Listening on port ${ports.http} for OTLP/HTTP and ${ports.grpc} for
    OTLP/gRPC${taken}.
  </p>`;
}

function countedSignals(engine: EngineState | undefined): TemplateResult | typeof nothing {
  if (engine === undefined || engine.sampleCount + engine.logRecordCount + engine.rejectedCount === 0)
    return nothing;
  const parts = [
    engine.sampleCount > 0 ? `${plural(engine.sampleCount, "sample")} of metrics` : undefined,
    engine.logRecordCount > 0 ? plural(engine.logRecordCount, "log record") : undefined,
    engine.rejectedCount > 0 ? `${plural(engine.rejectedCount, "span")} that could not be read` : undefined,
  ];
  return html`<p class="dim">
    Also received, and not shown: ${parts.filter((part) => part !== undefined).join(", ")}.
  </p>`;
}

function page(iconName: string, title: string, body: TemplateResult): TemplateResult {
  return html`<section class="waiting-page">
    <div class="waiting-icon">${icon(iconName)}</div>
    <div class="waiting-text">
      <h2>${title}</h2>
      ${body}
    </div>
  </section>`;
}
