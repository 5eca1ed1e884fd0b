import { isMainThread } from "node:worker_threads";

import {
  compileSpanMatch,
  isSpanBreakpoint,
  type MatchableSpan,
  type SpanBreakpoint,
  type SpanMoment,
} from "../../protocol/span-breakpoint.ts";
import type { RecordedSpan } from "../otlp/encode-spans.ts";
import type { ProgramFunction } from "../source/function-location.ts";
import { isCalledByProgram } from "./own-frame.ts";
import { stopHere } from "./stop-here.ts";

interface Rule {
  readonly id: string;
  readonly moment: "starts" | "ends" | "fails";
  readonly matches: (span: MatchableSpan) => boolean;
}

/** A hit, as the debugger reads it while the program stands in {@link stopHere}. */
export interface SpanStop {
  readonly rule: string;
  readonly moment: SpanMoment;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** The span inside of it that has not ended either and began last; itself where there is none. */
  readonly innerSpanId: string;
  /** Where the person's code is: it has called this; it is about to be called, as `handler`; neither. */
  readonly where: "caller" | "handler" | "nowhere";
  /** Whether a worker thread has stopped. */
  readonly worker: boolean;
}

const noRules: readonly Rule[] = [];
const statuses = ["unset", "ok", "error"] as const;
const kindClient = 2;
const kindProducer = 3;

/**
 * Stops the program when a span that the person waits for starts, ends or fails. Where no code of the person is
 * running when a span starts, as in a server, it is put off to the call of the function that handles it.
 */
export class SpanStops {
  #starts = noRules;
  #ends = noRules;
  /** Rules by which a span was hit: once is enough. */
  readonly #hit = new WeakMap<object, Set<string>>();
  #stop: SpanStop | undefined;
  #handler: ProgramFunction | undefined;
  readonly #stopHere: () => void;

  /** @param stop for tests; stops the program */
  constructor(stop: () => void = stopHere) {
    this.#stopHere = stop;
  }

  /** What the program stands at, and the function that was about to be called at the last stop of that kind. */
  get current(): { readonly stop: SpanStop | undefined; readonly handler: ProgramFunction | undefined } {
    return { stop: this.#stop, handler: this.#handler };
  }

  /**
   * The debugger has found the function that is about to be called with the span, such as `startActiveSpan`'s: a step out
   * of that call would lead past it. @returns whether it is one
   */
  enter(callback: unknown): boolean {
    if (typeof callback !== "function") return false;
    this.#handler = callback as ProgramFunction;
    return true;
  }

  /** Whether anybody waits for the end of a span. */
  get watchesEnds(): boolean {
    return this.#ends.length > 0;
  }

  /** @param breakpoints whatever came from the engine; what is none is left out */
  setBreakpoints(breakpoints: unknown): void {
    if (!Array.isArray(breakpoints)) return;
    const rules = breakpoints.filter(isSpanBreakpoint).flatMap(ruleOf);
    this.#starts = rules.filter(({ moment }) => moment === "starts");
    this.#ends = rules.filter(({ moment }) => moment !== "starts");
  }

  started(span: RecordedSpan): void {
    if (this.#starts.length === 0) return;
    const rule = this.#firstMatch(this.#starts, span, matchable(span));
    if (rule === undefined) return;
    if (isCalledByProgram()) this.#hitBy(rule, span, "caller");
    else if (span.kind === kindClient || span.kind === kindProducer) this.#hitBy(rule, span, "nowhere");
  }

  /** `handler` is about to be called for the span, which by now may have another name. */
  handled(span: RecordedSpan, handler: ProgramFunction): void {
    if (this.#starts.length === 0) return;
    const rule = this.#firstMatch(this.#starts, span, matchable(span));
    if (rule === undefined) return;
    this.#handler = handler;
    this.#hitBy(rule, span, "handler");
  }

  /**
   * The program is about to answer the request that the span stands for: its own code is still running, unlike at the
   * span's end.
   * @returns what stops it; undefined where nobody waits for this, or no code of the person is running
   */
  answering(span: RecordedSpan, statusCode: number): (() => void) | undefined {
    if (this.#ends.length === 0) return undefined;
    const now = matchable(span);
    const status = statusCode >= 500 ? "error" : now.status;
    const attribute = (key: string): unknown =>
      key === "http.response.status_code" || key === "http.status_code" ? statusCode : now.attribute(key);
    const rule = this.#firstMatch(this.#ends, span, { name: now.name, status, attribute });
    if (rule === undefined || !isCalledByProgram()) return undefined;
    this.#note(rule, span);
    return () => {
      this.#hitBy(rule, span, "caller");
    };
  }

  ended(span: RecordedSpan): void {
    if (this.#ends.length === 0) return;
    const rule = this.#firstMatch(this.#ends, span, matchable(span));
    if (rule !== undefined) this.#hitBy(rule, span, isCalledByProgram() ? "caller" : "nowhere");
  }

  /** Stops in a span that runs too long; `inner` is where in it the program waits. */
  ranLong(rule: string, span: RecordedSpan, inner: RecordedSpan): void {
    this.#standAt({ rule, moment: "slow", where: "nowhere" }, span, inner);
  }

  #firstMatch(rules: readonly Rule[], span: object, state: MatchableSpan): Rule | undefined {
    const hit = this.#hit.get(span);
    try {
      return rules.find(
        ({ id, moment, matches }) =>
          hit?.has(id) !== true && (moment !== "fails" || state.status === "error") && matches(state),
      );
    } catch {
      // An attribute that cannot be written as text, such as an object that holds itself.
      return undefined;
    }
  }

  #note({ id }: Rule, span: object): void {
    const hit = this.#hit.get(span);
    if (hit === undefined) this.#hit.set(span, new Set([id]));
    else hit.add(id);
  }

  #hitBy(rule: Rule, span: RecordedSpan, where: SpanStop["where"]): void {
    this.#note(rule, span);
    this.#standAt({ rule: rule.id, moment: rule.moment, where }, span, span);
  }

  #standAt(why: Pick<SpanStop, "rule" | "moment" | "where">, span: RecordedSpan, inner: RecordedSpan): void {
    const { traceId, spanId } = span.spanContext();
    const innerSpanId = inner.spanContext().spanId;
    this.#stop = { ...why, name: span.name, traceId, spanId, innerSpanId, worker: !isMainThread };
    this.#stopHere();
    this.#stop = undefined;
  }
}

function ruleOf(breakpoint: SpanBreakpoint): Rule[] {
  const { id, enabled, moment } = breakpoint;
  if (!enabled || moment === "slow") return [];
  try {
    return [{ id, moment, matches: compileSpanMatch(breakpoint) }];
  } catch {
    // A pattern that this version of Node cannot compile stops nowhere.
    return [];
  }
}

function matchable(span: RecordedSpan): MatchableSpan {
  return {
    name: span.name,
    status: statuses[span.status.code] ?? "unset",
    attribute: (key) => span.attributes[key],
  };
}
