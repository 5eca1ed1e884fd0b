import { CodeIndex } from "../src/engine/query/code-index.ts";
import { completeSearch } from "../src/engine/query/complete-search.ts";
import { findTraces } from "../src/engine/query/find-traces.ts";
import { listTracesSliced, type TraceQuery } from "../src/engine/query/list-traces.ts";
import { compileClause } from "../src/engine/query/search-match.ts";
import { placeCondition } from "../src/engine/query/search-place.ts";
import { parseSearchText } from "../src/engine/query/search-text.ts";
import { searchTraces, type SpanConditions } from "../src/engine/query/search-traces.ts";
import { runAtOnce, runInSlices, type Sliced } from "../src/engine/query/slices.ts";
import type { SpanStore } from "../src/engine/store/span-store.ts";
import { requests } from "./engine-data.ts";
import { budgeted, type Row, type Suite } from "./row.ts";
import { cpuMs, quickest, stored, take } from "./stored.ts";

const PLACE = { path: "/home/dev/shop/src/cart.ts", firstLine: 20, lastLine: 25 };

/** One of each kind. Of the values, urls and request ids are different in every span. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["everything", ""],
  ["a status", "status=error"],
  ["a service", "service=service-3"],
  ["an operation", 'name="GET /cart"'],
  ["a duration", "duration>500ms"],
  // 10,000 spans: the data has one each 50 µs.
  ["a time range, 1 % of a million spans", "time>=2025-11-24T16:00:05Z time<2025-11-24T16:00:05.5Z"],
  ["an attribute", "http.route=/cart"],
  ["a rare attribute", "http.response.status_code=500"],
  ["an attribute by order", "http.response.status_code>=400"],
  ["a value that differs in every span", "request.id=0"],
  ["a word that is nowhere", "nowhere"],
  ["a short word that is nowhere", "zq"],
  ["a part of an id", "7f3a"],
  ["a part of a number", "503"],
  ["a word that is everywhere", "shop"],
  ["a word", "checkout"],
  ["the absence of a word", "-nowhere"],
  ["two clauses", "checkout status=error"],
  ["four clauses", "checkout status=error duration>100ms service=service-3"],
];

/** As Jaeger's API asks: all of it of one span. */
const OF_ONE_SPAN: SpanConditions = {
  service: "service-3",
  attributes: [["http.response.status_code", "500"]],
};

/** Searching what is held: how long, in how long pieces, beside what, and what the indexes are good for. */
export const searchSuite: Suite = {
  title: "search",
  run: async ({ quick }) => {
    const spans = quick ? 200_000 : 1_000_000;
    const { store } = stored(spans);
    const label = `${spans / 1000}k spans`;
    return [
      ...kinds(store, label),
      ...indexes(store, label),
      ...places(store, label),
      ...(await beside(store, label)),
    ];
  },
};

function list(store: SpanStore, filter: TraceQuery["filter"]): Sliced<unknown> {
  return listTracesSliced(store, { filter, limit: 400 }, Date.now());
}

function kinds(store: SpanStore, label: string): Row[] {
  const filters = [
    ...TEXTS.map(([name, text]) => [name, { text }] as const),
    ["a place in code", { text: "", place: PLACE }] as const,
  ];
  // The first one makes the digests of the chunks.
  const first = quickest(() => runAtOnce(list(store, { text: "none=1" })), 1);
  let longest = 0;
  const rows = filters.map(([name, filter]) => {
    const value = quickest(() => runAtOnce(list(store, filter)), 5);
    longest = Math.max(
      longest,
      longestStep(() => list(store, filter)),
    );
    return budgeted({ name: `search ${name}, ${label}`, value, unit: "ms", better: "lower", budget: 100 });
  });
  return [
    ...rows,
    budgeted({
      name: `search a service and an attribute of one span, as Jaeger's API does, ${label}`,
      value: quickest(() => runAtOnce(searchTraces(store, OF_ONE_SPAN, { traces: 400, spans: 100_000 })), 5),
      unit: "ms",
      better: "lower",
      budget: 100,
    }),
    {
      name: `first search by attribute, with making digests, ${label}`,
      value: first,
      unit: "ms",
      better: "lower",
    },
    budgeted({
      name: `longest step of a search, ${label}`,
      value: longest,
      unit: "ms",
      better: "lower",
      budget: 12,
    }),
    budgeted({
      name: `complete a search, ${label}`,
      value: Math.max(
        ...["", "http", "request.id=", "http.route=/c"].map((text) =>
          quickest(() => completeSearch(store, text, text.length)),
        ),
      ),
      unit: "ms",
      better: "lower",
      budget: 20,
    }),
  ];
}

/** The most CPU time between two yields, of the best of three rounds. */
function longestStep(begin: () => Sliced<unknown>): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    let longest = 0;
    const work = begin();
    const state = { done: false };
    const step = (): void => {
      state.done = work.next().done === true;
    };
    while (!state.done) longest = Math.max(longest, cpuMs(step));
    best = Math.min(best, longest);
  }
  return best;
}

/** The same conditions by testing row after row, and by the scans that use digests and native search. */
function indexes(store: SpanStore, label: string): Row[] {
  const clauseOf = (text: string) => () => {
    const [clause] = parseSearchText(text, Date.now()).clauses;
    if (clause === undefined) throw new Error(`${text} is no clause.`);
    return compileClause(store, clause);
  };
  const conditions = [
    ["a rare attribute", clauseOf("http.response.status_code=500")],
    ["an absent attribute", clauseOf("http.route=/nowhere")],
    ["a value that differs in every span", clauseOf("request.id=0")],
    ["a word that is nowhere", clauseOf("nowhere")],
    ["a part of an id", clauseOf("7f3a")],
    ["a place in code", () => placeCondition(store, PLACE)],
  ] as const;
  return conditions.map(([name, compile]) => {
    const find = (withScan: boolean): number =>
      quickest(() => {
        const { test, cost, scan } = compile();
        const span = withScan && scan !== undefined ? { test, cost, scan } : { test, cost };
        return runAtOnce(findTraces(store, () => [{ kind: "span", span, negated: false }]));
      });
    return {
      name: `search ${name}, row by row, times with indexes, ${label}`,
      value: find(false) / find(true),
      unit: "×",
      better: "higher",
    };
  });
}

function places(store: SpanStore, label: string): Row[] {
  const index = new CodeIndex(store);
  const read = (): unknown => runAtOnce(index.read({ path: PLACE.path }));
  const first = quickest(read, 1);
  const again = quickest(read, 5);
  const [body] = requests({ spans: 512, spansPerRequest: 512, spansPerTrace: 10, seed: 9 });
  const after = Math.min(
    ...Array.from({ length: 5 }, () => {
      if (body !== undefined)
        take(
          store,
          body.map((byte) => byte),
        );
      return quickest(read, 1);
    }),
  );
  return [
    { name: `code index, made, ${label}`, value: first, unit: "ms", better: "lower" },
    budgeted({
      name: `code index, a file with 2,880 operations, ${label}`,
      value: again,
      unit: "ms",
      better: "lower",
      budget: 50,
    }),
    budgeted({
      name: `code index, the same after 512 new spans, ${label}`,
      value: after,
      unit: "ms",
      better: "lower",
      budget: 50,
    }),
  ];
}

/** Small requests while a search runs, and searches while half of the time goes into receiving. */
async function beside(store: SpanStore, label: string): Promise<Row[]> {
  let longestWait = 0;
  for (const [, text] of TEXTS) {
    const state = { searching: true };
    const search = runInSlices(list(store, { text })).finally(() => (state.searching = false));
    while (state.searching) {
      const asked = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      longestWait = Math.max(longestWait, performance.now() - asked);
    }
    await search;
  }

  const bodies = [...requests({ spans: 100_000, spansPerRequest: 512, spansPerTrace: 10, seed: 7 })];
  const state = { receiving: true };
  const received = (async () => {
    for (let n = 0; state.receiving; n++) {
      const began = performance.now();
      const body = bodies[n % bodies.length];
      if (body !== undefined) take(store, body);
      const tookMs = performance.now() - began;
      const until = performance.now() + tookMs;
      do await new Promise((resolve) => setImmediate(resolve));
      while (performance.now() < until);
    }
  })();
  let longestSearch = 0;
  for (const [, text] of TEXTS) {
    const began = performance.now();
    await runInSlices(list(store, { text }));
    longestSearch = Math.max(longestSearch, performance.now() - began);
  }
  state.receiving = false;
  await received;
  return [
    budgeted({
      name: `longest wait of a small request while searching, ${label}`,
      value: longestWait,
      unit: "ms",
      better: "lower",
      budget: 100,
    }),
    {
      name: `longest search while receiving, from first slice to answer, ${label}`,
      value: longestSearch,
      unit: "ms",
      better: "lower",
    },
  ];
}
