import { freemem } from "node:os";
import { listTraces } from "../src/engine/query/list-traces.ts";
import { openTrace } from "../src/engine/query/open-trace.ts";
import { readSpan } from "../src/engine/query/read-span.ts";
import type { SpanStore } from "../src/engine/store/span-store.ts";
import type { SpanRow } from "../src/model/ids.ts";
import { budgeted, type Row, type Suite } from "./row.ts";
import { quickest, stored } from "./stored.ts";

/** A figure at one size: milliseconds of CPU, or bytes. */
type Measure = (size: Measured) => number;

interface Measured {
  readonly spans: number;
  readonly store: SpanStore;
  readonly storingMs: number;
}

/** Work on all that is held grows with it; what is looked up by an index may only feel the caches. */
const LINEAR = 1.1;
const LOOKED_UP = 0.3;

const MEASURES: readonly (readonly [name: string, exponent: number, measure: Measure])[] = [
  ["decode and store", LINEAR, ({ storingMs }) => storingMs],
  ["memory", LINEAR, ({ store }) => store.bytes],
  ["search free text", LINEAR, ({ store }) => search(store, "nowhere")],
  ["search an attribute", LINEAR, ({ store }) => search(store, "http.response.status_code=500")],
  ["search an attribute that no span has", LINEAR, ({ store }) => search(store, "http.route=/nowhere")],
  ["list", LINEAR, ({ store }) => search(store, "")],
  ["open a trace of ten spans", LOOKED_UP, ({ store }) => openSome(store)],
  ["read a span", LOOKED_UP, ({ store, spans }) => readSome(store, spans)],
  ["open a trace of all spans", LINEAR, ({ spans }) => openLarge(spans)],
  // Last, since it takes from the store.
  ["evict half", LINEAR, ({ store }) => quickest(() => store.setMaxBytes(store.bytes / 2), 1)],
];

/** How cost grows from ten thousand spans to a million and more: the slope of cost over spans, both as logarithms. */
export const growthSuite: Suite = {
  title: "growth",
  run: ({ quick }) => {
    // Before anything is compiled and inlined, small loads would look dear.
    for (let round = 0; round < 2; round++) measureAt(20_000);
    const sizes = [10_000, 100_000, 1_000_000];
    if (!quick && freemem() > NEEDED_BYTES) sizes.push(5_000_000);
    const figures = sizes.map(measureAt);
    return Promise.resolve(
      MEASURES.flatMap(([name, exponent], n): Row[] => {
        const points = sizes.map((spans, at) => [spans, figures[at]?.[n] ?? Number.NaN] as const);
        const last = points.findLast(([, figure]) => !Number.isNaN(figure));
        return [
          budgeted({
            name: `growth of ${name}`,
            value: slopeOf(points),
            unit: "exponent",
            better: "lower",
            budget: exponent,
          }),
          ...(last === undefined
            ? []
            : [
                {
                  name: `${name}, ${last[0] / 1e6}M spans`,
                  value: last[1],
                  unit: name === "memory" ? "bytes" : "ms",
                  better: "lower" as const,
                },
              ]),
        ];
      }),
    );
  },
};

/** What five million spans and the traces of their measures need. */
const NEEDED_BYTES = 6e9;

function measureAt(spans: number): number[] {
  const measured: Measured = { spans, ...stored(spans) };
  return MEASURES.map(([, , measure]) => measure(measured));
}

function search(store: SpanStore, text: string): number {
  return quickest(() => listTraces(store, { filter: { text }, limit: 200 }, Date.now()), 5);
}

const LOOKED_AT = 2000;

function openSome(store: SpanStore): number {
  const step = store.traces.slotCount / LOOKED_AT;
  const ids = Array.from({ length: LOOKED_AT }, (_, n) => store.traces.idOf(Math.floor(n * step)));
  return quickest(() => ids.forEach((id) => openTrace(store, id)));
}

function readSome(store: SpanStore, spans: number): number {
  const rows = Array.from({ length: LOOKED_AT }, (_, n) => Math.floor((n * spans) / LOOKED_AT) as SpanRow);
  return quickest(() => rows.forEach((row) => readSpan(store, row)));
}

/** More than a million spans in one trace are nobody's. */
function openLarge(spans: number): number {
  if (spans > 1_000_000) return Number.NaN;
  const { store } = stored(spans, spans);
  const traceId = store.traces.idOf(0);
  return quickest(() => openTrace(store, traceId));
}

/** The slope of the line of least squares through the logarithms. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const logs = points.filter(([, y]) => y > 0).map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const meanX = mean(logs.map(([x]) => x));
  const meanY = mean(logs.map(([, y]) => y));
  const covariance = mean(logs.map(([x, y]) => (x - meanX) * (y - meanY)));
  return covariance / mean(logs.map(([x]) => (x - meanX) ** 2));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
