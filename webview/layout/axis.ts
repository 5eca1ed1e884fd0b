import { scaleLinear } from "d3";
import { NANOS_PER_MICRO, NANOS_PER_MILLI, NANOS_PER_SECOND } from "../../src/base/time.ts";
import type { Viewport } from "./viewport.ts";

export interface Tick {
  readonly ns: number;
  readonly label: string;
}

/** A tick every 110 pixels or so leaves room for a label like "1.9412 s" and some air. */
const PIXELS_PER_TICK = 110;

/** Round moments of the view, each with a label that tells it from its neighbours however close the zoom. */
export function layoutTicks(view: Viewport, widthPx: number): readonly Tick[] {
  const wanted = Math.max(2, Math.round(widthPx / PIXELS_PER_TICK));
  const moments = scaleLinear().domain([view.startNs, view.endNs]).ticks(wanted);
  const step = (moments[1] ?? view.endNs) - (moments[0] ?? view.startNs);
  const unit = unitOf(Math.max(Math.abs(moments.at(-1) ?? 0), step));
  const decimals = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step / unit.ns) - 1e-9)));
  return moments.map((ns) => ({
    ns,
    label: ns === 0 ? "0" : `${(ns / unit.ns).toFixed(decimals)} ${unit.name}`,
  }));
}

const UNITS = [
  { name: "s", ns: NANOS_PER_SECOND },
  { name: "ms", ns: NANOS_PER_MILLI },
  { name: "µs", ns: NANOS_PER_MICRO },
] as const;

function unitOf(ns: number): { readonly name: string; readonly ns: number } {
  return UNITS.find((unit) => ns >= unit.ns) ?? { name: "ns", ns: 1 };
}
