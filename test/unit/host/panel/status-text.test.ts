import { describe, expect, test } from "vitest";
import { composePanelState, type PanelStateSources } from "../../../../src/host/panel/panel-state.ts";
import { statusText, type StatusText } from "../../../../src/host/panel/status-text.ts";
import type { Problem } from "../../../../src/base/result.ts";
import type { EngineState, LogState } from "../../../../src/protocol/engine.ts";

const engineState: EngineState = {
  ports: { http: 4318, grpc: 4317, taken: [] },
  traceCount: 1412,
  spanCount: 9000,
  bytes: 1,
  maxBytes: 2,
  evictedCount: 0,
  evictedUntilMs: undefined,
  rejectedCount: 0,
  seriesCount: 0,
  sampleCount: 0,
  logRecordCount: 0,
  logVersion: 0,
  agents: [],
};
const calm: PanelStateSources = {
  trusted: true,
  enabled: true,
  engine: { state: engineState, problem: undefined, restartNote: undefined },
  runs: [],
  sessions: [],
  paused: [],
  activeSpan: undefined,
  agentPath: "/p.cjs",
};
const withEngine = (state: Partial<EngineState> | undefined): Partial<PanelStateSources> => ({
  engine: { ...calm.engine, state: state === undefined ? undefined : { ...engineState, ...state } },
});
const NOVEMBER_MS = Date.UTC(2026, 10, 15, 12);

/** A log in two folders, the second of which may fail. */
function log(problem?: Problem): LogState {
  const common = { bytes: 2 * 1024 * 1024, lagBytes: 0, sinceMs: NOVEMBER_MS };
  const folder = { bytes: 1, problem: undefined, failedSinceMs: undefined };
  return {
    ...common,
    problem,
    folders: [
      { ...folder, path: "/a" },
      { ...folder, path: "/b", problem, failedSinceMs: problem && NOVEMBER_MS },
    ],
  };
}

const show = (sources: Partial<PanelStateSources>): StatusText =>
  statusText(composePanelState({ ...calm, ...sources }));

describe("the status bar item", () => {
  test.each<[string, Partial<PanelStateSources>, string]>([
    ["counts traces", {}, "◉ 1,412 traces"],
    ["counts one", withEngine({ traceCount: 1 }), "◉ 1 trace"],
    ["counts none before the engine runs", withEngine(undefined), "◉ 0 traces"],
  ])("%s", (_title, sources, text) => {
    expect(show(sources)).toMatchObject({ text, isError: false, label: `Spanlight: ${text.slice(2)}` });
  });

  test.each<[string, Partial<PanelStateSources>, RegExp]>([
    ["the ports that listen", {}, /OTLP\/HTTP on port 4318.*OTLP\/gRPC on port 4317/],
    ["a port that is taken", withEngine({ ports: { http: 9, grpc: 8, taken: [4318] } }), /Port 4318 belongs/],
    [
      "ports that are taken",
      withEngine({ ports: { http: 9, grpc: 8, taken: [4318, 4317] } }),
      /Ports 4318 and 4317/,
    ],
    [
      "how much is logged, where, and since when",
      withEngine({ log: log() }),
      /Session log: 2\.0 MB on disk, received since 2026-11-\d\d \d\d:\d\d\.\n {4}\/a\n {4}\/b$/,
    ],
    [
      "which folder of the log fails, and since when",
      withEngine({ log: log({ code: "log-disk-full", message: "The disk is full." }) }),
      /\n {4}\/a\n {4}\/b: not written since 2026-11-\d\d \d\d:\d\d\. The disk is full\.$/,
    ],
    ["that earlier runs are read", withEngine({ recovering: 0.5 }), /Restoring earlier runs: 50 %/],
    [
      "when the last backup was written",
      withEngine({ backup: { folder: "/b", lastPath: "/b/x", lastMs: NOVEMBER_MS, problem: undefined } }),
      /Backups: \/b, the last one 2026-11-/,
    ],
    ["that nothing listens", withEngine({ ports: undefined }), /next debug session/],
    ["that the workspace is not trusted", { trusted: false }, /not trusted/],
    ["that it is switched off", { enabled: false }, /spanlight\.enabled/],
  ])("tells in its tooltip %s", (_title, sources, tooltip) => {
    expect(show(sources).tooltip).toMatch(tooltip);
  });

  test("shows that nothing can be received, why, and what to do", () => {
    const problem = { code: "c", message: "No sockets.", advice: "Restart." };
    const { text, tooltip, isError } = show({ engine: { ...calm.engine, problem } });
    expect([text, isError]).toEqual(["$(error) Spanlight", true]);
    expect(tooltip).toContain("No sockets. Restart.");
  });
});

describe("the panel's state", () => {
  test("names the environment of other programs while the receiver is open, and only then", () => {
    expect(composePanelState(calm).environment).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    });
    expect(composePanelState({ ...calm, ...withEngine({ ports: undefined }) }).environment).toBeUndefined();
  });
});
