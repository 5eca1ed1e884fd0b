import { parseSearchText, type SearchClause } from "../../../../src/engine/query/search-text.ts";
import { NOW_MS, startNsOf, type Sketch } from "./filled-store.ts";

/**
 * What a search text finds among these spans, worked out in the simplest way: every clause against every span. Returns
 * the numbers of the traces, the one with the latest start first.
 */
export function tracesThatMatch(spans: readonly Sketch[], text: string): number[] {
  const traces = new Map<number, Sketch[]>();
  for (const span of spans) traces.set(traceOf(span), [...(traces.get(traceOf(span)) ?? []), span]);
  const { clauses } = parseSearchText(text, NOW_MS);
  return [...traces]
    .filter(([, own]) => clauses.every((clause) => traceMeets(own, clause)))
    .sort(([, a], [, b]) => startOf(b) - startOf(a))
    .map(([trace]) => trace);
}

export function traceOf({ trace = 1 }: Sketch): number {
  return trace;
}

function startOf(spans: readonly Sketch[]): number {
  return Math.min(...spans.map(({ startMs = 0 }) => startMs));
}

function traceMeets(spans: readonly Sketch[], clause: SearchClause): boolean {
  if (clause.field !== "duration") return spans.some((span) => spanMeets(span, clause)) !== clause.negated;
  const ends = spans.map(({ startMs = 0, endMs = startMs + 1 }) => endMs);
  return isOrdered((Math.max(...ends) - startOf(spans)) * 1e6, clause) !== clause.negated;
}

function spanMeets(span: Sketch, clause: SearchClause): boolean {
  const { name = "", service = "shop", error = false, attributes = {} } = span;
  const values = Object.entries(attributes);
  switch (clause.field) {
    case "word":
      return [name, service, ...values.map(([, value]) => String(value))].some((text) =>
        text.toLowerCase().includes(clause.value.toLowerCase()),
      );
    case "attribute":
      return values.some(([key, value]) => key === clause.key && valueMeets(String(value), clause));
    case "status":
      return (error ? "error" : "unset") === clause.value;
    case "time":
      return isOrdered(startNsOf(span), clause);
    case "service":
      return service === clause.value;
    case "name":
      return name === clause.value;
    default:
      throw new Error(`The oracle does not know ${clause.field}.`);
  }
}

function valueMeets(value: string, clause: SearchClause): boolean {
  if (clause.operator === "exists") return true;
  return clause.operator === "=" ? value === clause.value : isOrdered(Number(value), clause);
}

function isOrdered(value: number, { operator, number }: SearchClause): boolean {
  if (operator === ">") return value > number;
  if (operator === ">=") return value >= number;
  if (operator === "<") return value < number;
  if (operator === "<=") return value <= number;
  return value === number;
}
