import type { SpanOrigin } from "../store/origin-table.ts";
import type { HeldMetric } from "../store/series-metrics.ts";
import type { Series, SeriesStore } from "../store/series-store.ts";

/** Series as OTLP nests them. */
export interface ResourceSeries {
  readonly origin: SpanOrigin;
  readonly scopes: readonly ScopeSeries[];
}

interface ScopeSeries {
  readonly origin: SpanOrigin;
  readonly metrics: readonly { readonly metric: HeldMetric; readonly series: readonly Series[] }[];
}

/** The series of these numbers, or all, by resource, scope and metric; numbers that are not held are left out. */
export function groupSeries(store: SeriesStore, numbers: readonly number[] | undefined): ResourceSeries[] {
  const chosen =
    numbers === undefined
      ? [...store.all]
      : [...new Set(numbers)].map((number) => store.get(number)).filter((series) => series !== undefined);
  const resources = groupBy(chosen, ({ metric: { origin } }) => resourceKey(store.origins.get(origin)));
  return [...resources.values()].flatMap((ofResource) => {
    const scopes = [...groupBy(ofResource, ({ metric }) => metric.origin)].flatMap(([number, ofScope]) => {
      const origin = store.origins.get(number);
      const metrics = [...groupBy(ofScope, ({ metric }) => metric)];
      return origin === undefined
        ? []
        : [{ origin, metrics: metrics.map(([metric, series]) => ({ metric, series })) }];
    });
    const [first] = scopes;
    return first === undefined ? [] : [{ origin: first.origin, scopes }];
  });
}

/** The items by their key, in the order in which each key was first seen. */
function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function resourceKey(origin: SpanOrigin | undefined): string {
  if (origin === undefined) return "";
  return `${origin.resourceSchemaUrl}\n${Buffer.from(origin.resource).toString("latin1")}`;
}
