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
    tooltip: ["Spanlight", ...receiving({ engine, trusted, enabled }), ...taken(engine)].join("\n"),
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
