import { err, ok, type Problem, type Result } from "../../base/result.ts";
import { METRIC_KINDS, TEMPORALITIES } from "../../model/metric.ts";
import { OUTSIDE_ANY_RUN } from "../../model/ids.ts";
import type { LabelMatcher, SeriesInfo, SeriesSelector } from "../../model/series.ts";
import { METRIC_NAME } from "../store/series-labels.ts";
import type { Series, SeriesStore } from "../store/series-store.ts";

/** The numbers of the series that a selector means, in the order in which they were first seen. */
export function selectSeries(store: SeriesStore, selector: SeriesSelector): Result<number[], Problem> {
  const { name, matchers, run, session } = selector;
  const byName: LabelMatcher[] =
    name === undefined ? [] : [{ label: METRIC_NAME, operator: "=", value: name }];
  const tests: LabelTest[] = [];
  for (const matcher of [...byName, ...matchers]) {
    const test = testOf(matcher);
    if (!test.ok) return test;
    tests.push({ label: matcher.label, matches: test.value, exact: exactValue(matcher) });
  }
  let numbers: readonly number[] | undefined;
  for (const test of tests.filter(({ matches }) => !matches("")))
    numbers = intersection(numbers, seriesThat(store, test, true));
  const left = new Set(numbers ?? Array.from(store.all, ({ number }) => number));
  // A series without the label passes these.
  for (const test of tests.filter(({ matches }) => matches("")))
    for (const number of seriesThat(store, test, false)) left.delete(number);
  const isOfRun = (number: number): boolean => {
    const origin = originOf(store, store.get(number));
    return (
      (run === undefined || origin?.run === run) && (session === undefined || origin?.session === session)
    );
  };
  return ok(run === undefined && session === undefined ? [...left] : [...left].filter(isOfRun));
}

/** What the series that a selector means are; at most `limit`, and how many there are. */
export function listSeries(
  store: SeriesStore,
  selector: SeriesSelector,
  limit: number,
): Result<{ readonly series: readonly SeriesInfo[]; readonly matchingCount: number }, Problem> {
  const numbers = selectSeries(store, selector);
  if (!numbers.ok) return numbers;
  const series = numbers.value.slice(0, limit).flatMap((number) => describeSeries(store, number) ?? []);
  return ok({ series, matchingCount: numbers.value.length });
}

/** Undefined where the series is not held (any more). */
export function describeSeries(store: SeriesStore, number: number): SeriesInfo | undefined {
  const series = store.get(number);
  if (series === undefined) return undefined;
  const { metric, chunks } = series;
  const origin = originOf(store, series);
  const { name, unit, description, monotonic } = metric;
  return {
    number,
    name,
    kind: METRIC_KINDS[metric.kind] ?? "gauge",
    unit,
    description,
    temporality: TEMPORALITIES[metric.temporality] ?? "unspecified",
    monotonic,
    run: origin?.run ?? OUTSIDE_ANY_RUN,
    service: origin?.service ?? "",
    labels: store.labelsOf(series).filter(([label]) => label !== METRIC_NAME),
    sampleCount: chunks.reduce((sum, { count }) => sum + count, 0),
    firstMs: Math.min(...chunks.map(({ minNs }) => minNs)) / 1e6,
    lastMs: Math.max(...chunks.map(({ maxNs }) => maxNs)) / 1e6,
  };
}

interface LabelTest {
  readonly label: string;
  readonly matches: (value: string) => boolean;
  /** The only value that matches, where there is one. */
  readonly exact: string | undefined;
}

function exactValue({ operator, value }: LabelMatcher): string | undefined {
  return operator === "=" ? value : undefined;
}

function testOf({ operator, value }: LabelMatcher): Result<(text: string) => boolean, Problem> {
  if (operator === "=") return ok((text) => text === value);
  if (operator === "!=") return ok((text) => text !== value);
  try {
    const pattern = new RegExp(`^(?:${value})$`, "su");
    return ok((text) => pattern.test(text) === (operator === "=~"));
  } catch {
    return err({ code: "bad-pattern", message: `${value} is no regular expression.` });
  }
}

/** The series whose label's value passes the test, or does not; only such as have the label. */
function seriesThat({ index }: SeriesStore, test: LabelTest, passes: boolean): number[] {
  if (passes && test.exact !== undefined) return [...index.seriesWith(test.label, test.exact)];
  const found = index
    .valuesOf(test.label)
    .filter((value) => test.matches(value) === passes)
    .flatMap((value) => index.seriesWith(test.label, value));
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Of two lists in order; the other one where there is no first. */
function intersection(first: readonly number[] | undefined, second: readonly number[]): readonly number[] {
  if (first === undefined) return second;
  const both: number[] = [];
  for (let i = 0, j = 0; i < first.length && j < second.length;) {
    const a = first[i] ?? 0;
    const b = second[j] ?? 0;
    if (a === b) both.push(a);
    if (a <= b) i++;
    if (b <= a) j++;
  }
  return both;
}

function originOf(store: SeriesStore, series: Series | undefined): ReturnType<SeriesStore["origins"]["get"]> {
  return series === undefined ? undefined : store.origins.get(series.metric.origin);
}
