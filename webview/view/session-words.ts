import type { AgentProcess, InjectionNote, Session } from "../../src/model/session.ts";
import { plural } from "./trace-words.ts";

/** What a note says, and the variables that a person may have to set. */
export interface NoteWords {
  readonly text: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly action?: { readonly label: string; readonly command: "manage-trust" | "open-settings" };
}

export function noteWords(session: Session, note: InjectionNote): NoteWords {
  const name = `“${session.name}”`;
  switch (note.kind) {
    case "attached":
      return {
        text: `${name} was attached to a program that already ran, so nothing could be added to it. Start the program with these variables:`,
        variables: note.variables,
      };
    case "untrusted":
      return {
        text: `${name} runs without tracing, because this workspace is not trusted.`,
        action: { label: "Manage workspace trust", command: "manage-trust" },
      };
    case "disabled":
      return {
        text: `${name} runs without tracing, because Spanlight is switched off here.`,
        action: { label: "Open settings", command: "open-settings" },
      };
    case "excluded":
      return {
        text: `${name} runs without tracing, because the settings exclude it.`,
        action: { label: "Open settings", command: "open-settings" },
      };
    case "unknown-type":
      return {
        text: `Programs of the debug type ${session.type} are left as they are. To see their traces, set these variables:`,
        variables: note.variables,
      };
    case "not-instrumented":
      return {
        text: `${name} uses a runtime that cannot be instrumented from outside. A program with an OpenTelemetry SDK needs these variables:`,
        variables: note.variables,
      };
    case "kept-own":
      return { text: `${name} keeps its own ${note.names.join(", ")}: what you set yourself wins.` };
  }
}

/** `Node 24.1.0, api, attached, no request yet`. */
export function agentWords(agent: AgentProcess): string {
  const runtime = `${agent.runtime === "node" ? "Node" : agent.runtime} ${agent.runtimeVersion.replace(/^v/, "")}`;
  const who = `${agent.service || "a program"} (process ${agent.pid}, ${runtime})`;
  if (!agent.connected) return `${who} has ended after ${plural(agent.spanCount, "span")}.`;
  if (agent.ownSdk) return `${who} has its own OpenTelemetry SDK: receiving from it.`;
  return agent.spanCount === 0
    ? `${who} is attached, no request yet.`
    : `${who} is attached: ${plural(agent.spanCount, "span")}.`;
}

/** As lines for a shell or an .env file. */
export function environmentText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}
