import type { Problem } from "../../base/result.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Run, Session } from "../../model/session.ts";
import type { EngineState } from "../../protocol/engine.ts";
import type { ActiveSpanPlace, PanelState } from "../../protocol/panel.ts";
import { endpointOf } from "../session/endpoint.ts";
import { neededVariables } from "../session/needed-variables.ts";

/** Where the parts of {@link PanelState} come from. */
export interface PanelStateSources {
  readonly trusted: boolean;
  readonly enabled: boolean;
  readonly engine: {
    readonly state: EngineState | undefined;
    readonly problem: Problem | undefined;
    readonly restartNote: string | undefined;
  };
  readonly runs: readonly Run[];
  readonly sessions: readonly Session[];
  readonly paused: readonly SessionId[];
  readonly activeSpan: ActiveSpanPlace | undefined;
  readonly agentPath: string;
}

export function composePanelState(sources: PanelStateSources): PanelState {
  const { engine } = sources;
  const ports = engine.state?.ports;
  return {
    trusted: sources.trusted,
    enabled: sources.enabled,
    engine: engine.state,
    restarted: engine.restartNote,
    problem: engine.problem,
    runs: sources.runs,
    sessions: sources.sessions,
    paused: sources.paused,
    activeSpan: sources.activeSpan,
    environment:
      ports === undefined ? undefined : neededVariables(endpointOf(ports), undefined, sources.agentPath),
  };
}
