import type { TraceSummary } from "../../src/model/trace.ts";
import type { Connection } from "../../src/protocol/connection.ts";
import type { TraceFilter, TraceList } from "../../src/model/trace-list.ts";
import { completeSearch, listTraces, tracesChanged } from "../../src/protocol/engine.ts";
import type { Problem } from "../../src/base/result.ts";
import { HeldList } from "./held-list.ts";
import { LatestOnly } from "./latest-only.ts";

export interface Completion {
  readonly label: string;
  readonly insert: string;
  readonly start: number;
}

/** A place in the code whose traces are wanted, with the name that a person knows it by. */
export type NamedPlace = NonNullable<TraceFilter["place"]> & { readonly label: string };

/** Rows asked for at a time; scrolling to the end asks for as many again. */
const PAGE = 400;

/** A busy program changes the store twenty times a second; a list of hundreds of rows need not follow each time. */
const REST_MS = 120;

/** The list of traces and its filter, kept in step with the engine. */
export class TraceListModel {
  readonly #connection: Connection;
  readonly #changed: () => void;
  readonly #held = new HeldList();
  readonly #refresh: LatestOnly;
  #limit = PAGE;
  #text: string;
  #minDurationNs: number | undefined;
  #maxDurationNs: number | undefined;
  #place: NamedPlace | undefined;
  #latest: TraceList | undefined;
  #problem: Problem | undefined;
  #completing: AbortController | undefined;
  /** The answer is for another filter than the rows that are shown. */
  #refiltered = false;

  constructor(
    connection: Connection,
    filter: Pick<TraceFilter, "text" | "minDurationNs" | "maxDurationNs">,
    changed: () => void,
  ) {
    this.#connection = connection;
    this.#text = filter.text;
    this.#minDurationNs = filter.minDurationNs;
    this.#maxDurationNs = filter.maxDurationNs;
    this.#changed = changed;
    this.#refresh = new LatestOnly((signal) => this.#read(signal), REST_MS);
    connection.on(tracesChanged, () => this.#refresh.request());
  }

  get shown(): readonly TraceSummary[] {
    return this.#held.shown;
  }

  get waitingCount(): number {
    return this.#held.waitingCount;
  }

  /** The engine's last answer; undefined before the first. */
  get latest(): TraceList | undefined {
    return this.#latest;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  get text(): string {
    return this.#text;
  }

  get place(): NamedPlace | undefined {
    return this.#place;
  }

  /** The durations that are let through; undefined while all are. */
  get durations(): { readonly minNs: number; readonly maxNs: number } | undefined {
    if (this.#minDurationNs === undefined && this.#maxDurationNs === undefined) return undefined;
    return { minNs: this.#minDurationNs ?? 0, maxNs: this.#maxDurationNs ?? Infinity };
  }

  get filtered(): boolean {
    return this.#text.trim() !== "" || this.durations !== undefined || this.#place !== undefined;
  }

  refresh(): void {
    this.#refresh.request();
  }

  search(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#refilter();
  }

  showDurations(durations: { readonly minNs: number; readonly maxNs: number } | undefined): void {
    this.#minDurationNs = durations?.minNs;
    // JSON, which the link to the extension host is made of, has no infinity.
    this.#maxDurationNs = Number.isFinite(durations?.maxNs) ? durations?.maxNs : undefined;
    this.#refilter();
  }

  showPlace(place: NamedPlace | undefined): void {
    this.#place = place;
    this.#refilter();
  }

  clearFilter(): void {
    this.#text = "";
    this.#place = undefined;
    this.showDurations(undefined);
  }

  hold(held: boolean): void {
    this.#held.hold(held);
    this.#changed();
  }

  release(): void {
    this.#held.release();
    this.#changed();
  }

  /** Asks for more rows where there are more; to be called near the end of the list. */
  extend(): void {
    const latest = this.#latest;
    if (latest === undefined || latest.matchingCount <= latest.traces.length) return;
    if (latest.traces.length < this.#limit) return;
    this.#limit += PAGE;
    this.#refresh.request();
  }

  /** Completions at the caret; a newer call cancels an older one, whose answer is then empty. */
  async complete(text: string, offset: number): Promise<readonly Completion[]> {
    this.#completing?.abort();
    this.#completing = new AbortController();
    const reply = await this.#connection.ask(completeSearch, { text, offset }, this.#completing.signal);
    return reply.ok ? reply.value : [];
  }

  #refilter(): void {
    this.#limit = PAGE;
    this.#refiltered = true;
    this.#refresh.replace();
    this.#changed();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const refiltered = this.#refiltered;
    this.#refiltered = false;
    const place = this.#place;
    const query = {
      filter: {
        text: this.#text,
        minDurationNs: this.#minDurationNs,
        maxDurationNs: this.#maxDurationNs,
        place:
          place === undefined
            ? undefined
            : { path: place.path, firstLine: place.firstLine, lastLine: place.lastLine },
        run: undefined,
      },
      limit: this.#limit,
    };
    const reply = await this.#connection.ask(listTraces, query, signal);
    // Another filter was chosen meanwhile, and is asked for next.
    if (signal.aborted) return;
    if (reply.ok) {
      this.#latest = reply.value;
      this.#problem = undefined;
      this.#held.offer(reply.value.traces);
      // After another filter, or when all is gone, there is nothing under the pointer to keep still.
      if (refiltered || reply.value.totalCount === 0) this.#held.release();
    } else {
      this.#problem = reply.error;
    }
    this.#changed();
  }
}
