import type { Problem } from "../base/result.ts";
import { isTraceId, type SessionId, type SpanRow, type TraceId } from "../model/ids.ts";
import type { Run, Session } from "../model/session.ts";
import {
  LOCATION_EVIDENCES,
  type LocationEvidence,
  type SourceLocation,
  type SourceLookup,
} from "../model/source-location.ts";
import { isRow, type EngineState } from "./engine.ts";
import {
  isArrayOf,
  isBoolean,
  isNumber,
  isObject,
  isOneOf,
  isOptional,
  isString,
  isTrusted,
  type Guard,
} from "./guard.ts";
import { event, request } from "./message.ts";

/**
 * Messages between the panel's webview and the extension host. What the panel asks of the engine
 * (listTraces, openTrace, readSpan, findSpans, completeSearch, pinTrace, listLogs) goes over the same link:
 * the host passes it on untouched.
 */

const LOOKUP_SHAPES = [
  isObject({ kind: isOneOf("route"), route: isString, method: isOptional(isString) }),
  isObject({ kind: isOneOf("name"), name: isString, container: isOptional(isString) }),
  isObject({ kind: isOneOf("query"), text: isString }),
];
const hasLanguage = isObject({ language: isOptional(isString) });
const isLookup: Guard<SourceLookup> = (value): value is SourceLookup =>
  hasLanguage(value) && LOOKUP_SHAPES.some((isShape) => isShape(value));

const isLocation: Guard<SourceLocation> = isObject({
  path: isString,
  line: isOptional(isNumber),
  column: isOptional(isNumber),
  functionName: isOptional(isString),
  evidence: isOneOf(...LOCATION_EVIDENCES),
  lookup: isOptional(isLookup),
  isLibrary: isOptional(isBoolean),
  session: isOptional(isString),
  service: isOptional(isString),
}) as Guard<SourceLocation>;

/** Where the debugger stands, in terms of traces. */
export interface ActiveSpanPlace {
  readonly traceId: TraceId;
  readonly row: SpanRow;
  /** The program could not be asked. */
  readonly guess: boolean;
}

/** What the panel shows around its traces. */
export interface PanelState {
  readonly trusted: boolean;
  readonly enabled: boolean;
  readonly engine: EngineState | undefined;
  /** The engine was restarted after it died; what was recovered, in words. */
  readonly restarted: string | undefined;
  /** Why nothing can be received. */
  readonly problem: Problem | undefined;
  readonly runs: readonly Run[];
  readonly sessions: readonly Session[];
  /** The sessions that are paused in the debugger right now. */
  readonly paused: readonly SessionId[];
  /** The span that the selected thread of a paused program is in. */
  readonly activeSpan?: ActiveSpanPlace | undefined;
  /** The variables that any program needs to send its telemetry here; absent while nothing listens. */
  readonly environment: Readonly<Record<string, string>> | undefined;
}

/** The panel is drawn and wants to know all. */
export const readPanelState = request<PanelState>()("panel/read-state", isObject({}));

/** Whole state, not a difference: it is small. The extension host is the trusted side. */
export const panelStateChanged = event("panel/state-changed", isTrusted<PanelState>());

/** Where a location leads in this workspace. */
export interface ResolvedSource {
  /** The document's URI as a string; an opaque handle for {@link openSource}. */
  readonly uri: string;
  /** Relative to its workspace folder where it lies in one, else the whole path. */
  readonly label: string;
  /** The file's base name, as "checkout.ts". */
  readonly baseName: string;
  readonly line: number;
  readonly column: number;
  readonly evidence: LocationEvidence;
  readonly guess: boolean;
  readonly insideWorkspace: boolean;
  /** A few lines around the place, with the number of the first; absent for files outside the workspace. */
  readonly excerpt?: { readonly firstLine: number; readonly lines: readonly string[] } | undefined;
}

/** Resolves the first of a span's locations that leads into the person's program. Undefined where none does. */
export const resolveBestSource = request<
  { readonly location: SourceLocation; readonly resolved: ResolvedSource } | undefined
>()("source/resolve-best", isObject({ locations: isArrayOf(isLocation), excerpt: isBoolean }));

/** What became of the wish to open a source. */
export type OpenOutcome = "opened" | "refused" | "not-found";

/**
 * Opens the location's file, reveals and highlights the line. The panel keeps the focus unless `focus` is set.
 * A file outside the workspace is opened only after the person agreed.
 */
export const openSource = request<OpenOutcome>()(
  "source/open",
  isObject({ location: isLocation, focus: isBoolean }),
);

/** Things the panel asks VS Code to do. */
export const runPanelCommand = request<undefined>()(
  "panel/run-command",
  isObject({
    command: isOneOf(
      "save-trace",
      "open-file",
      "clear",
      "open-settings",
      "start-debugging",
      "manage-trust",
      "open-beside",
      "show-walkthrough",
      "copy-environment",
    ),
    traceId: isOptional(isTraceId),
  }),
);

/** Puts text on the clipboard. */
export const copyText = request<undefined>()("panel/copy-text", isObject({ text: isString }));

/** A command of the palette or the view's title concerns what the panel shows. */
export const panelCommanded = event(
  "panel/commanded",
  isObject({
    command: isOneOf(
      "focus-search",
      "pin-selected",
      "save-selected",
      "select-trace",
      "filter-place",
      "search",
      "zoom-fit",
    ),
    traceId: isOptional(isTraceId),
    /** A span of that trace that is to be selected as well. */
    row: isOptional(isRow),
    /** What is searched for. */
    text: isOptional(isString),
    place: isOptional(isObject({ path: isString, firstLine: isNumber, lastLine: isNumber, label: isString })),
  }),
);

/** The panel selected another trace, so that the view title's actions know what they are for. */
export const selectionChanged = event(
  "panel/selection-changed",
  isObject({ traceId: isOptional(isTraceId), pinned: isBoolean }),
);

/** This version of the trace is on the screen; for the measure of end of span → painted. */
export const tracePainted = event(
  "panel/trace-painted",
  isObject({ traceId: isTraceId, version: isNumber, spanCount: isNumber, atMs: isNumber }),
);
