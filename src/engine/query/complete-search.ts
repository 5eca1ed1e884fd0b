import { SPAN_KINDS, SPAN_STATES, SPAN_STATUSES } from "../../model/span.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAnyValue, searchableText } from "./attribute-values.ts";
import { keyNumber } from "./span-attributes.ts";
import { SEARCH_FIELDS, tokensOf, type SearchToken } from "./search-text.ts";

export interface SearchCompletion {
  readonly label: string;
  /** Replaces the text from `start` to the offset that was asked for. */
  readonly insert: string;
  readonly start: number;
}

/** As many as a list shows without scrolling for long. */
const MAX_COMPLETIONS = 50;

/**
 * What may stand at this offset of a search text: names of fields, services and attributes at the beginning of a
 * clause, values after its operator. Strings that begin as what is typed come before those that only contain it.
 */
export function completeSearch(store: SpanStore, text: string, offset: number): SearchCompletion[] {
  const before = text.slice(0, offset);
  const token =
    tokensOf(before).find(({ end, unclosed }) => end === before.length || unclosed) ?? emptyAt(before.length);
  if (token.operatorAt < 0) return completeName(store, token);
  const key = token.text.slice(0, token.operatorAt).replace(/^-/, "");
  const typed = token.text.slice(token.operatorAt + token.operator.length).replace(/^"/, "");
  const start = token.start + token.operatorAt + token.operator.length;
  return best(valuesOf(store, key), typed).map((value) => ({ label: value, insert: quoted(value), start }));
}

function emptyAt(offset: number): SearchToken {
  return { start: offset, end: offset, text: "", operatorAt: -1, operator: "", unclosed: false };
}

function completeName(store: SpanStore, token: SearchToken): SearchCompletion[] {
  const minus = token.text.startsWith("-") ? 1 : 0;
  const typed = token.text.slice(minus).replace(/^"/, "");
  const start = token.start + minus;
  const names = best([...SEARCH_FIELDS, ...attributeKeys(store)], typed).map((name) => {
    const begun = `${name}${name === "time" ? ">" : "="}`;
    return { label: begun, insert: begun, start };
  });
  const services = typed === "" ? [] : best(servicesOf(store), typed);
  const inWords = services.map((service) => ({
    label: `service=${service}`,
    insert: `service=${quoted(service)}`,
    start,
  }));
  return [...names, ...inWords].slice(0, MAX_COMPLETIONS);
}

function valuesOf(store: SpanStore, key: string): Iterable<string> {
  switch (key) {
    case "status":
      return SPAN_STATUSES;
    case "state":
      return SPAN_STATES;
    case "kind":
      return SPAN_KINDS;
    case "service":
      return servicesOf(store);
    case "name":
      return textsOf(store.names.count, (name) => store.names.textOf(name));
    case "duration":
      return ["1ms", "10ms", "100ms", "1s", "10s"];
    case "time":
      return ["-1m", "-5m", "-15m", "-1h"];
    case "run":
      return new Set(
        store.origins.all.flatMap((origin) => (origin === undefined ? [] : [String(origin.run)])),
      );
    default:
      return attributeValues(store, key);
  }
}

function servicesOf(store: SpanStore): Set<string> {
  return new Set(store.origins.all.flatMap((origin) => (origin === undefined ? [] : [origin.service])));
}

function attributeKeys(store: SpanStore): Iterable<string> {
  const { keys } = store.attributes;
  return textsOf(Math.min(keys.count, MAX_LOOKED_AT), (key) => keys.textOf(key));
}

function attributeValues(store: SpanStore, key: string): Set<string> {
  const wanted = keyNumber(store, key);
  const { pairs } = store.attributes;
  const values = new Set<string>();
  for (let pair = 0; pair < pairs.count && values.size < MAX_LOOKED_AT; pair++) {
    if (pairs.tagOf(pair) !== wanted) continue;
    const text = searchableText(readAnyValue(pairs.bytes, pairs.startOf(pair), pairs.endOf(pair)));
    if (text !== undefined && text !== "") values.add(text);
  }
  return values;
}

/** A key with more values than this is nothing to choose from. */
const MAX_LOOKED_AT = 5000;

function* textsOf(count: number, textOf: (entry: number) => string): Iterable<string> {
  for (let entry = 0; entry < Math.min(count, MAX_LOOKED_AT); entry++) yield textOf(entry);
}

function best(candidates: Iterable<string>, typed: string): string[] {
  const wanted = typed.toLowerCase();
  const beginning: string[] = [];
  const containing: string[] = [];
  for (const candidate of candidates) {
    const at = candidate.toLowerCase().indexOf(wanted);
    if (at === 0) beginning.push(candidate);
    else if (at > 0) containing.push(candidate);
  }
  return [...beginning.sort(), ...containing.sort()].slice(0, MAX_COMPLETIONS);
}

function quoted(value: string): string {
  return /[\s"\\]/.test(value) || value === "*" ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}
