import { html, nothing, type TemplateResult } from "lit";
import { formatDuration } from "../../src/base/time.ts";
import type { DurationHistogram } from "../../src/model/trace-list.ts";
import { styles } from "./styles.ts";
import { plural } from "./trace-words.ts";

export interface BrushedDurations {
  readonly minNs: number;
  readonly maxNs: number;
}

/** A bucket with anything in it is seen: at least this much of the height. */
const MIN_PERCENT = 6;

/** The histogram of durations; dragging over it lets only those durations through. */
export class DurationHistogramView {
  readonly #brushed: (durations: BrushedDurations) => void;
  readonly #changed: () => void;
  #from: number | undefined;
  #to: number | undefined;

  constructor(brushed: (durations: BrushedDurations) => void, changed: () => void) {
    this.#brushed = brushed;
    this.#changed = changed;
  }

  /** True while a person drags: then the picture must not change under the pointer. */
  get dragging(): boolean {
    return this.#from !== undefined;
  }

  render(histogram: DurationHistogram): TemplateResult | typeof nothing {
    const { boundsNs, counts, errorCounts } = histogram;
    const highest = Math.max(...counts, 0);
    if (highest === 0) return nothing;
    const [low, high] = this.#range();
    return html`<div
        class="histogram"
        role="img"
        aria-label=${describe(histogram)}
        @pointerdown=${(event: PointerEvent) => this.#down(event, counts.length)}
        @pointermove=${(event: PointerEvent) => this.#move(event, counts.length)}
        @pointerup=${() => this.#up(histogram)}
        @pointercancel=${() => this.#cancel()}
      >
        ${counts.map((count, bucket) => {
          const errors = errorCounts[bucket] ?? 0;
          const brushed = low !== undefined && bucket >= low && bucket <= high;
          const range = `${formatDuration(boundsNs[bucket] ?? 0)} – ${formatDuration(boundsNs[bucket + 1] ?? 0)}`;
          const title = `${range}: ${plural(count, "trace")}${errors > 0 ? `, ${errors} with errors` : ""}`;
          return html`<div class="bucket ${brushed ? "brushed" : ""}" title=${title}>
            <div class="bar" ${styles({ height: heightOf(count, highest) })}>
              <div class="errors" ${styles({ height: count === 0 ? "0" : heightOf(errors, count) })}></div>
            </div>
          </div>`;
        })}
      </div>
      <div class="histogram-scale dim" aria-hidden="true">
        <span>${formatDuration(boundsNs[0] ?? 0)}</span>
        <span>${formatDuration(boundsNs.at(-1) ?? 0)}</span>
      </div>`;
  }

  #range(): readonly [number, number] | readonly [undefined, undefined] {
    if (this.#from === undefined || this.#to === undefined) return [undefined, undefined];
    return [Math.min(this.#from, this.#to), Math.max(this.#from, this.#to)];
  }

  #down(event: PointerEvent, buckets: number): void {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#from = this.#to = bucketAt(event, buckets);
    this.#changed();
  }

  #move(event: PointerEvent, buckets: number): void {
    if (this.#from === undefined) return;
    this.#to = bucketAt(event, buckets);
    this.#changed();
  }

  #up({ boundsNs }: DurationHistogram): void {
    const [low, high] = this.#range();
    this.#cancel();
    if (low === undefined) return;
    this.#brushed({ minNs: boundsNs[low] ?? 0, maxNs: boundsNs[high + 1] ?? Infinity });
  }

  #cancel(): void {
    this.#from = this.#to = undefined;
    this.#changed();
  }
}

function bucketAt(event: PointerEvent, buckets: number): number {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const at = Math.floor(((event.clientX - box.left) / box.width) * buckets);
  return Math.min(Math.max(at, 0), buckets - 1);
}

function heightOf(count: number, of: number): string {
  return count === 0 ? "0" : `${Math.max((count / of) * 100, MIN_PERCENT).toFixed(1)}%`;
}

function describe({ boundsNs, counts, errorCounts }: DurationHistogram): string {
  const traces = counts.reduce((sum, count) => sum + count, 0);
  const errors = errorCounts.reduce((sum, count) => sum + count, 0);
  const range = `from ${formatDuration(boundsNs[0] ?? 0)} to ${formatDuration(boundsNs.at(-1) ?? 0)}`;
  return `Durations of ${plural(traces, "trace")} ${range}, ${errors} with errors`;
}
