import type { CodeEvidence } from "../../model/code-index.ts";
import type { Attribute } from "../../model/span.ts";
import { STATUS_ERROR, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { textOf } from "./attribute-access.ts";
import { readAttributesOf } from "./attribute-values.ts";
import { ROLE_OF_KIND } from "./code-operations.ts";
import { CodePlaceReader } from "./code-place.ts";
import { eventsOfRow } from "./read-span.ts";
import { StackCache } from "./stack-cache.ts";

/** Where the index notes a span. */
export interface CodeRow {
  /** As it was received; empty where it may be looked up. */
  readonly path: string;
  /** From 1; 0 where it may be looked up. */
  readonly line: number;
  readonly evidence: CodeEvidence;
  /** The span is not of this line: its failure is. */
  readonly isThrown: boolean;
}

/** A row's own place, and that of the exception which it failed by where it has no place of its own. */
export interface CodeRows {
  readonly own: CodeRow | undefined;
  readonly thrown: CodeRow | undefined;
}

/** Of the 4,096 rows of a chunk: 20 ms where each stack is another one. The further rows go without their stacks. */
const MAX_STACKS = 256;

/**
 * Reads for the rows of one chunk what {@link locationsOf} tells of a single span, as far as it needs no file: code
 * attributes, else the first frame of the person's own code in `code.stacktrace`; else, for handlers, that there is a
 * route or a method to look up.
 */
export class CodeRowReader {
  readonly #store: SpanStore;
  readonly #places: CodePlaceReader;
  readonly #stacks = new StackCache();
  /** By the number of the origin. */
  readonly #resources = new Map<number, readonly Attribute[]>();
  #stackCount = 0;

  constructor(store: SpanStore) {
    this.#store = store;
    this.#places = new CodePlaceReader(store);
  }

  read(chunk: SpanChunk, i: number): CodeRows {
    const places = this.#places;
    if (places.read(chunk, i)) {
      const { path, line } = places;
      return line === 0 ? NOWHERE : { own: at(path, line, "attributes"), thrown: undefined };
    }
    const failed = chunk.status[i] === STATUS_ERROR;
    const { hasLookup, stack } = places;
    if (!hasLookup && stack === "" && !failed) return NOWHERE;
    const handles = ROLE_OF_KIND[chunk.kind[i] ?? 0] === "handles";
    return {
      own: this.#frame(chunk, i, stack, false) ?? (hasLookup && handles ? LOOKED_UP : undefined),
      thrown: failed ? this.#thrown(chunk, i) : undefined,
    };
  }

  #thrown(chunk: SpanChunk, i: number): CodeRow | undefined {
    if (this.#stackCount >= MAX_STACKS) return undefined;
    const stack = eventsOfRow(this.#store, chunk, i)
      .map(({ attributes }) => textOf(attributes, "exception.stacktrace"))
      .findLast((text) => text !== undefined);
    return this.#frame(chunk, i, stack ?? "", true);
  }

  #frame(chunk: SpanChunk, i: number, stack: string, isThrown: boolean): CodeRow | undefined {
    if (stack === "" || this.#stackCount >= MAX_STACKS) return undefined;
    this.#stackCount++;
    const frame = this.#stacks
      .read(stack, this.#resourceAt(chunk, i))
      .find(({ isLibrary, line }) => !isLibrary && line !== undefined);
    return frame?.line === undefined ? undefined : at(frame.path, frame.line, "stack", isThrown);
  }

  #resourceAt(chunk: SpanChunk, i: number): readonly Attribute[] {
    const origin = chunk.origin[i] ?? 0;
    const known = this.#resources.get(origin);
    if (known !== undefined) return known;
    const bytes = this.#store.originAt(chunk, i)?.resource ?? new Uint8Array(0);
    const resource = readAttributesOf(bytes, 0, bytes.length, 0x0a);
    this.#resources.set(origin, resource);
    return resource;
  }
}

const NOWHERE: CodeRows = { own: undefined, thrown: undefined };
const LOOKED_UP = at("", 0, "lookup");

function at(path: string, line: number, evidence: CodeEvidence, isThrown = false): CodeRow {
  return { path, line, evidence, isThrown };
}
