import type { TraceColumns } from "../../src/model/trace.ts";
import type { LaneLayout } from "../layout/lanes.ts";
import type { Viewport } from "../layout/viewport.ts";
import type { Theme } from "./theme.ts";

/** Pixels from one lane to the next, and the height of a bar in it. */
export const LANE_HEIGHT_PX = 22;
export const BAR_HEIGHT_PX = 20;
/** The ruler over the lanes. */
export const AXIS_HEIGHT_PX = 24;

/** Everything that the timeline's picture depends on. */
export interface TimelineScene {
  readonly columns: TraceColumns;
  readonly lanes: LaneLayout;
  readonly view: Viewport;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels by which the lanes are scrolled up. */
  readonly scrollTopPx: number;
  readonly theme: Theme;
  /** The palette's slot of each entry of `columns.strings` that is a service. */
  readonly slotOfService: (service: number) => number;
  readonly edgeNs: number;
  /** Running spans move with time. */
  readonly growing: boolean;
  readonly selected: number | undefined;
  /** The span that the paused thread is in. */
  readonly active: number | undefined;
  readonly hovered: number | undefined;
  /** Undefined while nothing is searched for; else other spans step back. */
  readonly isHit: ((span: number) => boolean) | undefined;
  readonly range: { readonly fromNs: number; readonly toNs: number } | undefined;
  /** Times that the person marked. */
  readonly marksNs: readonly number[];
}

/** The lanes that are at least partly in view. */
export function lanesInView(
  scrollTopPx: number,
  heightPx: number,
): { readonly first: number; readonly last: number } {
  return {
    first: Math.floor(scrollTopPx / LANE_HEIGHT_PX),
    last: Math.floor((scrollTopPx + heightPx - AXIS_HEIGHT_PX) / LANE_HEIGHT_PX),
  };
}

/** The top of a lane's bar, in pixels from the top of the view. */
export function barTop(lane: number, scrollTopPx: number): number {
  return AXIS_HEIGHT_PX + 4 + lane * LANE_HEIGHT_PX - scrollTopPx;
}
