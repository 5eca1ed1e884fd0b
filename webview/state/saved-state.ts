import { isTraceId, type SpanRow, type TraceId } from "../../src/model/ids.ts";
import {
  isArrayOf,
  isBoolean,
  isNumber,
  isObject,
  isOneOf,
  isOptional,
  isString,
  type Guard,
} from "../../src/protocol/guard.ts";

export type TraceView = "timeline" | "tree";

/** The columns of the panel; in a narrow panel one of them is shown. */
export type PanelColumn = "list" | "trace" | "details";

/** What survives hiding, moving and reloading the panel. */
export interface SavedState {
  readonly view: TraceView;
  readonly column: PanelColumn;
  readonly listWidthPx: number;
  readonly detailsWidthPx: number;
  readonly searchText: string;
  readonly minDurationNs?: number | undefined;
  readonly maxDurationNs?: number | undefined;
  readonly traceId?: TraceId | undefined;
  readonly row?: SpanRow | undefined;
  /** The zoom of that trace; absent while it is shown whole. */
  readonly viewport?: { readonly startNs: number; readonly endNs: number } | undefined;
  /** Traces are drawn without the time that they stood still in the debugger. */
  readonly collapsePauses?: boolean | undefined;
  /** Services with their colours, in the order of arrival. */
  readonly serviceSlots: readonly (readonly [string, number])[];
}

export const INITIAL_STATE: SavedState = {
  view: "timeline",
  column: "list",
  listWidthPx: 300,
  detailsWidthPx: 320,
  searchText: "",
  serviceSlots: [],
};

const isSlot: Guard<readonly [string, number]> = (value): value is readonly [string, number] =>
  Array.isArray(value) && value.length === 2 && isString(value[0]) && isNumber(value[1]);
const isRow: Guard<SpanRow> = (value): value is SpanRow => isNumber(value) && Number.isSafeInteger(value);

const isSavedState: Guard<SavedState> = isObject({
  view: isOneOf("timeline", "tree"),
  column: isOneOf("list", "trace", "details"),
  listWidthPx: isNumber,
  detailsWidthPx: isNumber,
  searchText: isString,
  minDurationNs: isOptional(isNumber),
  maxDurationNs: isOptional(isNumber),
  traceId: isOptional(isTraceId),
  row: isOptional(isRow),
  viewport: isOptional(isObject({ startNs: isNumber, endNs: isNumber })),
  collapsePauses: isOptional(isBoolean),
  serviceSlots: isArrayOf(isSlot),
});

/** What was saved, or the initial state where nothing was or another version wrote it. */
export function readSavedState(saved: unknown): SavedState {
  return isSavedState(saved) ? saved : INITIAL_STATE;
}
