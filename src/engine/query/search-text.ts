import { durationOf, momentOf } from "./search-number.ts";

/** Compares in a clause. `exists` is what `key=*` means. */
type SearchOperator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "exists";

/**
 * One condition of a search text: a word, or a field or attribute with an operator and a value. `!=` and a leading
 * `-` negate: then no span may meet it.
 */
export interface SearchClause {
  /** `word`, one of {@link SEARCH_FIELDS}, or `attribute`. */
  readonly field: "word" | "attribute" | SearchField;
  /** The attribute's key; the field's name otherwise. */
  readonly key: string;
  readonly operator: Exclude<SearchOperator, "!=">;
  readonly negated: boolean;
  /** Without quotes. */
  readonly value: string;
  /** The value as a number: nanoseconds for durations and, since the epoch, for times; NaN where it is none. */
  readonly number: number;
  /** Where it stands in the text, and what was typed. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export const SEARCH_FIELDS = [
  "status",
  "service",
  "name",
  "kind",
  "state",
  "time",
  "duration",
  "run",
] as const;
type SearchField = (typeof SEARCH_FIELDS)[number];

export interface SearchProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

interface SearchText {
  readonly clauses: readonly SearchClause[];
  /** The first clause that is wrong. The others hold nevertheless. */
  readonly problem: SearchProblem | undefined;
}

/** Longer texts are cut: nobody types them, and each clause costs a pass over the spans. */
const MAX_CLAUSES = 20;

/**
 * Parses the text of the search box: clauses between spaces, all of which have to hold. A value or word in double quotes
 * may contain spaces, and `\"` and `\\`. Never throws.
 *
 * @param nowMs since the epoch: the moment from which ages count back
 */
export function parseSearchText(text: string, nowMs: number): SearchText {
  const clauses: SearchClause[] = [];
  let problem: SearchProblem | undefined;
  for (const token of tokensOf(text).slice(0, MAX_CLAUSES)) {
    const clause = parseClause(token, nowMs);
    if (!("message" in clause)) clauses.push(clause);
    else problem ??= clause;
  }
  return { clauses, problem };
}

/** A piece of the text between spaces, quotes resolved. */
export interface SearchToken {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Where the operator stands in `text`, -1 where there is none outside of quotes. */
  readonly operatorAt: number;
  readonly operator: string;
  readonly unclosed: boolean;
}

export function tokensOf(text: string): SearchToken[] {
  const tokens: SearchToken[] = [];
  for (let at = 0; at < text.length;) {
    if (isSpace(text, at)) at++;
    else {
      const token = tokenAt(text, at);
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens;
}

function isSpace(text: string, at: number): boolean {
  return text.charAt(at).trim() === "";
}

const OPERATOR = /!=|>=|<=|=|>|</y;

function tokenAt(text: string, start: number): SearchToken {
  let at = start;
  let operatorAt = -1;
  let operator = "";
  let quoted = false;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (isSpace(text, at)) break;
    else if (operatorAt < 0 && at > start) {
      OPERATOR.lastIndex = at;
      const match = OPERATOR.exec(text);
      if (match === null) continue;
      operator = match[0];
      operatorAt = at - start;
      at += operator.length - 1;
    }
  }
  const end = Math.min(at, text.length);
  return { start, end, text: text.slice(start, end), operatorAt, operator, unclosed: quoted };
}

function parseClause(token: SearchToken, nowMs: number): SearchClause | SearchProblem {
  const { start, end, text } = token;
  if (token.unclosed) return { message: "The quote is not closed.", start, end };
  const minus = text.startsWith("-") && text.length > 1;
  if (token.operatorAt < 0) {
    const value = unquoted(minus ? text.slice(1) : text);
    if (value === "") return { message: "The quotes are empty.", start, end };
    return {
      field: "word",
      key: "",
      operator: "=",
      negated: minus,
      value,
      number: Number.NaN,
      start,
      end,
      text,
    };
  }
  const key = unquoted(text.slice(minus ? 1 : 0, token.operatorAt));
  const raw = text.slice(token.operatorAt + token.operator.length);
  const valueStart = start + token.operatorAt;
  if (key === "") return { message: "A name is missing before the operator.", start, end };
  if (raw === "") return { message: `A value is missing after “${token.operator}”.`, start: valueStart, end };
  const field = SEARCH_FIELDS.find((name) => name === key) ?? "attribute";
  const value = unquoted(raw);
  const operator = token.operator === "!=" ? "=" : (token.operator as SearchClause["operator"]);
  const clause: SearchClause = {
    field,
    key,
    operator: raw === "*" && operator === "=" ? "exists" : operator,
    negated: minus !== (token.operator === "!="),
    value,
    number: numberOf(field, value, nowMs),
    start,
    end,
    text,
  };
  const message = faultOf(clause);
  return message === undefined ? clause : { message, start: valueStart + token.operator.length, end };
}

function numberOf(field: SearchClause["field"], value: string, nowMs: number): number {
  if (field === "duration") return durationOf(value);
  if (field === "time") return momentOf(value, nowMs);
  return value.trim() === "" ? Number.NaN : Number(value);
}

function faultOf(clause: SearchClause): string | undefined {
  const { field, operator, value, number } = clause;
  const ordered = operator !== "=" && operator !== "exists";
  if (operator === "exists") return undefined;
  if (field === "duration") {
    return Number.isNaN(number)
      ? "A duration is a number and a unit: 250us, 100ms, 1.5s, 2m, 1h."
      : undefined;
  }
  if (field === "time") {
    if (!ordered) return "“time” can only be compared with >, >=, < and <=.";
    return Number.isNaN(number)
      ? "A time is an age, a time of today or a date: -5m, 10:30, 2026-11-24T10:30:00Z."
      : undefined;
  }
  if (field === "run") return Number.isNaN(number) ? "A run is a number." : undefined;
  if (ordered && field !== "attribute") return `“${field}” can only be compared with = and !=.`;
  if (ordered && Number.isNaN(number)) return `“${operator}” needs a number.`;
  if (field === "status" && !["error", "ok", "unset"].includes(value.toLowerCase())) {
    return "A status is error, ok or unset.";
  }
  if (field === "state" && !["ended", "running", "lost"].includes(value.toLowerCase())) {
    return "A state is ended, running or lost.";
  }
  return undefined;
}

function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, "$1"));
}
