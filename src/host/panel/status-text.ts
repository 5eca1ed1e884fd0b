import type { EngineState } from "../../protocol/engine.ts";
import type { PanelState } from "../../protocol/panel.ts";

export interface StatusText {
  readonly text: string;
  /** What a screen reader reads. */
  readonly label: string;
  readonly tooltip: string;
  readonly isError: boolean;
}

/** The status bar item: how many traces there are, on which ports they arrive, or why none can. */
export function statusText({ engine, problem, trusted, enabled }: PanelState): StatusText {
  if (problem !== undefined) {
    const advice = problem.advice === undefined ? "" : ` ${problem.advice}`;
    return {
      text: "$(error) Spanlight",
      label: `Spanlight cannot receive: ${problem.message}`,
      tooltip: `Spanlight cannot receive. ${problem.message}${advice}`,
      isError: true,
    };
  }
  const count = engine?.traceCount ?? 0;
  const traces = `${grouped(count)} ${count === 1 ? "trace" : "traces"}`;
  return {
    text: `◉ ${traces}`,
    label: `Spanlight: ${traces}`,
    tooltip: [
      "Spanlight",
      ...receiving({ engine, trusted, enabled }),
      ...taken(engine),
      ...restoring(engine),
      ...logging(engine?.log),
      ...backedUp(engine?.backup),
    ].join("\n"),
    isError: false,
  };
}

/** By hand: the first use of `Intl` costs the extension host more than all the rest of the activation. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function receiving({
  engine,
  trusted,
  enabled,
}: Pick<PanelState, "engine" | "trusted" | "enabled">): readonly string[] {
  if (!trusted) return ["This workspace is not trusted: programs are started without Spanlight."];
  if (!enabled) return ["Switched off by the setting spanlight.enabled."];
  const ports = engine?.ports;
  if (ports === undefined) return ["Receives again with the next debug session."];
  return [`Receives OTLP/HTTP on port ${ports.http}, OTLP/gRPC on port ${ports.grpc}.`];
}

function taken(engine: PanelState["engine"]): readonly string[] {
  const ports = engine?.ports?.taken ?? [];
  if (ports.length === 0) return [];
  return [
    ports.length === 1
      ? `Port ${ports.join("")} belongs to another program.`
      : `Ports ${ports.join(" and ")} belong to other programs.`,
  ];
}

function restoring(engine: PanelState["engine"]): readonly string[] {
  const fraction = engine?.recovering;
  return fraction === undefined ? [] : [`Restoring earlier runs: ${Math.floor(fraction * 100)} %.`];
}

/** How much is on disk and since when; each folder by itself, and why one of them is left out. */
function logging(log: EngineState["log"]): readonly string[] {
  if (log === undefined) return [];
  const { sinceMs, folders, bytes, problem } = log;
  const since = sinceMs === undefined ? "" : `, received since ${momentText(sinceMs)}`;
  const isOfAFolder = folders.some((folder) => folder.problem !== undefined);
  return [
    `Session log: ${sizeText(bytes)} on disk${since}.`,
    ...folders.map((folder) =>
      folder.problem === undefined
        ? `    ${folder.path}`
        : `    ${folder.path}: not written since ${momentText(folder.failedSinceMs ?? 0)}. ${folder.problem.message}`,
    ),
    ...(problem === undefined || isOfAFolder ? [] : [`    ${problem.message}`]),
  ];
}

function backedUp(backup: EngineState["backup"]): readonly string[] {
  if (backup === undefined) return [];
  const { folder, lastMs, problem } = backup;
  if (problem !== undefined) return [problem.message];
  return [`Backups: ${folder}${lastMs === undefined ? "" : `, the last one ${momentText(lastMs)}`}.`];
}

/** Local time to the minute. By hand, for the same reason as {@link grouped}. */
function momentText(ms: number): string {
  const at = new Date(ms);
  const [month, day, hour, minute] = [at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()].map(
    (part) => String(part).padStart(2, "0"),
  );
  return `${at.getFullYear()}-${month}-${day} ${hour}:${minute}`;
}

const MEGABYTE = 1024 * 1024;

function sizeText(bytes: number): string {
  return bytes < MEGABYTE / 10 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
