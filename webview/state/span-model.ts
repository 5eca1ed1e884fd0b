import type { Problem } from "../../src/base/result.ts";
import type { SpanRow } from "../../src/model/ids.ts";
import type { SourceLocation } from "../../src/model/source-location.ts";
import type { Span } from "../../src/model/span.ts";
import type { Connection } from "../../src/protocol/connection.ts";
import { readSpan } from "../../src/protocol/engine.ts";
import { openSource, resolveBestSource, type ResolvedSource } from "../../src/protocol/panel.ts";

/** A location of the span together with where it leads. */
export interface FoundSource {
  readonly location: SourceLocation;
  readonly resolved: ResolvedSource;
}

/** What a selection wants of the source: its line shown beside the panel, or the person taken there. */
export type SourceWish = "reveal" | "focus";

/** The selected span: everything known of it, and the place in the code that it leads to. */
export class SpanModel {
  readonly #connection: Connection;
  readonly #changed: () => void;
  readonly #failed: (problem: Problem) => void;
  #row: SpanRow | undefined;
  #span: Span | undefined;
  #source: FoundSource | undefined;
  #resolving = false;
  #problem: Problem | undefined;
  #reading: AbortController | undefined;
  /** A wish that came before the source was known. */
  #wish: SourceWish | undefined;

  constructor(connection: Connection, changed: () => void, failed: (problem: Problem) => void) {
    this.#connection = connection;
    this.#changed = changed;
    this.#failed = failed;
  }

  get row(): SpanRow | undefined {
    return this.#row;
  }

  /** The span; while another one is read, still the one before. */
  get span(): Span | undefined {
    return this.#span;
  }

  get source(): FoundSource | undefined {
    return this.#source;
  }

  /** The span names locations and none of them was found yet. */
  get resolving(): boolean {
    return this.#resolving;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** @param wish is fulfilled as soon as the source is known. */
  select(row: SpanRow | undefined, wish?: SourceWish): void {
    this.#wish = wish;
    if (row === this.#row) {
      if (!this.#resolving) this.#fulfil();
      return;
    }
    this.#row = row;
    this.#problem = undefined;
    this.#reading?.abort();
    this.#reading = undefined;
    if (row === undefined) {
      this.#resolving = false;
      this.#span = undefined;
      this.#source = undefined;
    } else {
      void this.#read(row);
    }
    this.#changed();
  }

  /** Reads the span again after its trace changed. */
  refresh(): void {
    if (this.#row !== undefined) void this.#read(this.#row);
  }

  /** Opens a location, by default the span's best. What keeps it from opening is told. */
  async open(focus: boolean, location = this.#source?.location): Promise<void> {
    if (location === undefined) {
      this.#failed(noLocation(this.#span));
      return;
    }
    const reply = await this.#connection.ask(openSource, { location, focus });
    if (!reply.ok) this.#failed(reply.error);
    else if (reply.value === "not-found") this.#failed(notFound(location));
  }

  async #read(row: SpanRow): Promise<void> {
    const reading = new AbortController();
    this.#reading?.abort();
    this.#reading = reading;
    this.#resolving = true;
    const reply = await this.#connection.ask(readSpan, { row }, reading.signal);
    const isStale = (): boolean => this.#reading !== reading;
    if (isStale()) return;
    const before = this.#span;
    if (!reply.ok) this.#problem = reply.error;
    this.#span = reply.ok ? reply.value : undefined;
    const known = this.#source !== undefined && before?.row === row;
    if (!known || this.#span === undefined) this.#source = undefined;
    this.#changed();
    if (this.#span !== undefined && !known) {
      this.#source = await this.#resolve(this.#span.locations, reading.signal);
      if (isStale()) return;
    }
    this.#resolving = false;
    this.#fulfil();
    this.#changed();
  }

  async #resolve(
    locations: readonly SourceLocation[],
    signal: AbortSignal,
  ): Promise<FoundSource | undefined> {
    if (locations.length === 0) return undefined;
    const reply = await this.#connection.ask(resolveBestSource, { locations, excerpt: true }, signal);
    return reply.ok ? reply.value : undefined;
  }

  #fulfil(): void {
    const wish = this.#wish;
    this.#wish = undefined;
    const source = this.#source;
    if (wish === "focus") void this.open(true);
    // A file outside the workspace asks first, and a guess may mislead: both open only on a wish of their own.
    if (wish !== "reveal" || source?.resolved.insideWorkspace !== true || source.resolved.guess) return;
    void this.open(false);
  }
}

function noLocation(span: Span | undefined): Problem {
  return {
    code: "no-source-location",
    message: `No place in the code is known for ${span?.name.slice(0, 200) ?? "this span"}.`,
    advice: "Spans carry one when the agent or the program's SDK records code attributes or a stack.",
  };
}

function notFound(location: SourceLocation): Problem {
  return {
    code: "source-not-found",
    message: `${namedPlace(location).slice(0, 500)} was not found in the workspace.`,
    advice: "Check the path mappings of the launch configuration.",
  };
}

function namedPlace({ path, lookup }: SourceLocation): string {
  if (lookup === undefined) return path;
  return lookup.kind === "route" ? lookup.route : lookup.kind === "name" ? lookup.name : lookup.text;
}
