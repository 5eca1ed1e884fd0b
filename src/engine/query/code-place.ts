import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import type { SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAnyValue } from "./attribute-values.ts";
import { keyNumber } from "./span-attributes.ts";

/** The attributes of OpenTelemetry's semantic conventions that tell a place in code, the present and the former names. */
export const PATH_KEYS = ["code.file.path", "code.filepath"] as const;
export const LINE_KEYS = ["code.line.number", "code.lineno"] as const;
export const FUNCTION_KEYS = ["code.function.name", "code.function"] as const;
/** What a handler can be looked up by. */
const LOOKUP_KEYS = ["http.route", "rpc.method"] as const;
const STACK_KEYS = ["code.stacktrace"] as const;

/** Reads path and line of many rows, without making objects of their attributes. */
export class CodePlaceReader {
  readonly #store: SpanStore;
  readonly #cursor: AttributeCursor;
  readonly #pathKeys: readonly number[];
  readonly #lineKeys: readonly number[];
  readonly #lookupKeys: readonly number[];
  readonly #stackKeys: readonly number[];
  readonly #knowsNone: boolean;
  /** The values of pairs that were read already. */
  readonly #pathOfPair = new Map<number, string>();
  readonly #lineOfPair = new Map<number, number>();
  readonly #stackOfPair = new Map<number, string>();
  /** Of the row last read: the path exactly as it was received. */
  path = "";
  /** From 1; 0 where unknown. */
  line = 0;
  /** It names a route or a method that its handler can be looked up by. */
  hasLookup = false;
  /** Of `code.stacktrace`; empty where it has none. */
  stack = "";

  constructor(store: SpanStore) {
    this.#store = store;
    this.#cursor = new AttributeCursor(store.attributes);
    this.#pathKeys = knownKeys(store, PATH_KEYS);
    this.#lineKeys = knownKeys(store, LINE_KEYS);
    this.#lookupKeys = knownKeys(store, LOOKUP_KEYS);
    this.#stackKeys = knownKeys(store, STACK_KEYS);
    const keys = [this.#pathKeys, this.#lookupKeys, this.#stackKeys];
    this.#knowsNone = keys.every((known) => known.length === 0);
  }

  /** Reads a row's place; false where it has none. */
  read(chunk: SpanChunk, index: number): boolean {
    this.path = "";
    this.line = 0;
    this.hasLookup = false;
    this.stack = "";
    if (this.#knowsNone) return false;
    const cursor = this.#cursor;
    const parts = this.#store.recordAt(chunk, index);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.next()) {
      if (this.#pathKeys.includes(cursor.key)) {
        if (this.path === "") this.path = this.#memoized(this.#pathOfPair, textAt);
      } else if (this.#lineKeys.includes(cursor.key)) this.line = this.#memoized(this.#lineOfPair, lineAt);
      else if (this.#lookupKeys.includes(cursor.key)) this.hasLookup = true;
      else if (this.#stackKeys.includes(cursor.key)) this.stack = this.#memoized(this.#stackOfPair, textAt);
    }
    return this.path !== "";
  }

  #memoized<Value>(known: Map<number, Value>, read: (cursor: AttributeCursor) => Value): Value {
    const { pair } = this.#cursor;
    const before = pair === NOT_INTERNED ? undefined : known.get(pair);
    if (before !== undefined) return before;
    const value = read(this.#cursor);
    if (pair !== NOT_INTERNED) known.set(pair, value);
    return value;
  }
}

function knownKeys(store: SpanStore, keys: readonly string[]): readonly number[] {
  return keys.map((key) => keyNumber(store, key)).filter((key) => key !== NOT_INTERNED);
}

function textAt(cursor: AttributeCursor): string {
  const value = readAnyValue(cursor.bytes, cursor.start, cursor.end);
  return typeof value === "string" ? value : "";
}

function lineAt(cursor: AttributeCursor): number {
  return lineNumberOf(readAnyValue(cursor.bytes, cursor.start, cursor.end)) ?? 0;
}

/** A line or column number, from 1; some senders write it as a string. */
export function lineNumberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 1 || number > 0x7fff_ffff)
    return undefined;
  return number;
}

/**
 * Whether a received path means this file: they are equal, or the received one, relative to some folder, is the
 * end of the file's. Slashes of both kinds and `file:` URLs are the same.
 */
export function isSamePath(received: string, file: string): boolean {
  const a = plainPath(received);
  const b = plainPath(file);
  return a === b || (a !== "" && !a.startsWith("/") && b.endsWith(`/${a}`));
}

function plainPath(path: string): string {
  const plain = path.replace(/^file:\/\//, "").replaceAll("\\", "/");
  return plain.replace(/^\.\//, "").replace(/^\/(?=[A-Za-z]:)/, "");
}
