import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import type { SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAnyValue } from "./attribute-values.ts";
import { ROLE_OF_KIND } from "./code-operations.ts";
import { keyNumber } from "./span-attributes.ts";

/** The name that HTTP's semantic conventions give a span where no route is known. */
const METHOD_ALONE = /^(?:HTTP )?(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|QUERY)$/;

/** The present and the former names; the first that a span has counts. */
const REQUEST_KEYS = ["http.route", "url.path", "http.target", "url.full", "http.url"] as const;
const CALL_KEYS = [
  "peer.service",
  "server.address",
  "net.peer.name",
  "http.host",
  "url.full",
  "http.url",
] as const;
const PORT_KEYS = ["server.port", "net.peer.port"] as const;
const MAX_LENGTH = 200;

/**
 * Reads what spans are about that are named by their HTTP method alone: of a call the service or the host that it goes
 * to, of a request its route or path.
 */
export class SpanSubjects {
  readonly #store: SpanStore;
  readonly #cursor: AttributeCursor;
  readonly #requestKeys: readonly number[];
  readonly #callKeys: readonly number[];
  readonly #portKeys: readonly number[];

  constructor(store: SpanStore) {
    this.#store = store;
    this.#cursor = new AttributeCursor(store.attributes);
    const numbersOf = (keys: readonly string[]): readonly number[] =>
      keys.map((key) => keyNumber(store, key));
    this.#requestKeys = numbersOf(REQUEST_KEYS);
    this.#callKeys = numbersOf(CALL_KEYS);
    this.#portKeys = numbersOf(PORT_KEYS);
  }

  /** Empty where the span's name says it, or nothing does. */
  read(chunk: SpanChunk, index: number, name = this.#store.nameAt(chunk, index)): string {
    if (!METHOD_ALONE.test(name)) return "";
    const calls = ROLE_OF_KIND[chunk.kind[index] ?? 0] === "calls";
    const keys = calls ? this.#callKeys : this.#requestKeys;
    const cursor = this.#cursor;
    const parts = this.#store.recordAt(chunk, index);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    let best: number = keys.length;
    let text = "";
    let port = "";
    while (cursor.next()) {
      if (cursor.key === NOT_INTERNED) continue;
      const rank = keys.indexOf(cursor.key);
      if (rank >= 0 && rank < best) {
        const value = readAnyValue(cursor.bytes, cursor.start, cursor.end);
        if (typeof value !== "string" || value === "") continue;
        best = rank;
        text = value;
      } else if (calls && this.#portKeys.includes(cursor.key)) {
        const value = readAnyValue(cursor.bytes, cursor.start, cursor.end);
        if (typeof value === "number" || typeof value === "string") port = `:${value}`;
      }
    }
    const key = (calls ? CALL_KEYS : REQUEST_KEYS)[best];
    return shortened(key, text, port, calls).slice(0, MAX_LENGTH);
  }
}

function shortened(key: string | undefined, text: string, port: string, calls: boolean): string {
  switch (key) {
    case "url.full":
    case "http.url": {
      const [, host = "", path = ""] = /^[a-z][\w+.-]*:\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)/i.exec(text) ?? [];
      return calls ? host : path;
    }
    case "server.address":
    case "net.peer.name":
      return STANDARD_PORT.test(port) ? text : `${text}${port}`;
    case "http.target":
      return text.replace(/[?#].*$/s, "");
    default:
      return text;
  }
}

const STANDARD_PORT = /^:(?:80|443)$/;
