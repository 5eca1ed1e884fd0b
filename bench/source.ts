import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StackCache } from "../src/engine/query/stack-cache.ts";
import { locationsOf } from "../src/engine/query/locations.ts";
import { readStack } from "../src/engine/query/stack.ts";
import { bestSource } from "../src/host/source/best-source.ts";
import { sessionPathsOf } from "../src/host/source/session-paths.ts";
import { SourceLocator } from "../src/host/source/source-locator.ts";
import { readSourceCase, type SourceCase } from "../test/conformance/source-case.ts";
import { worldOf } from "../test/conformance/source-world.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const CORPUS = join(import.meta.dirname, "../test/corpus/source");
const ROUNDS = 5;

/** Reading the stacks of the corpus, and resolving many spans of few places, as the panel and the editor ask for them. */
export const sourceSuite: Suite = {
  title: "source",
  run: async ({ quick }) => [...stackRows(), ...(await resolveRows(quick ? 20_000 : 100_000))],
};

function stackRows(): readonly Row[] {
  return readdirSync(join(CORPUS, "stacks"))
    .filter((file) => file !== "various.json")
    .map((file) => {
      const language = file.replace(/\.json$/, "");
      const stacks = casesIn(join("stacks", file)).flatMap(({ span }) =>
        span.events.flatMap(({ attributes }) =>
          attributes.flatMap(({ key, value }) =>
            key === "exception.stacktrace" && typeof value === "string" ? value : [],
          ),
        ),
      );
      const micros = bestMicros(() => stacks.forEach((stack) => readStack(stack)));
      const name = `read a stack, ${language}, language not told`;
      return { name, value: micros / stacks.length, unit: "µs", better: "lower" };
    });
}

async function resolveRows(spanCount: number): Promise<readonly Row[]> {
  const cases = readdirSync(join(CORPUS, "stacks")).flatMap((file) => casesIn(join("stacks", file)));
  const files = new Map(cases.flatMap((one) => [...one.files]));
  const first = cases[0];
  if (first === undefined) return [];
  const locator = new SourceLocator(worldOf({ ...first, files, platform: "posix" }));
  const own = sessionPathsOf({}, { folder: first.folders[0], folders: first.folders, environment: {} });
  const known = { own, others: [] };
  const stacks = new StackCache();
  const before = process.cpuUsage();
  let found = 0;
  for (let index = 0; index < spanCount; index++) {
    const { span } = cases[index % cases.length] ?? first;
    const locations = locationsOf({ ...span, session: undefined }, stacks);
    if ((await bestSource(locator, locations, known)) !== undefined) found++;
  }
  const { user, system } = process.cpuUsage(before);
  return [
    budgeted({
      name: `resolve ${spanCount} spans with stacks, of ${cases.length} kinds`,
      value: (user + system) / spanCount,
      unit: "µs per span",
      better: "lower",
      budget: 50,
    }),
    { name: "spans that led to a file", value: found / spanCount, unit: "of all", better: "higher" },
  ];
}

function casesIn(file: string): readonly SourceCase[] {
  const list = JSON.parse(readFileSync(join(CORPUS, file), "utf8")) as readonly unknown[];
  return list.map((json) => readSourceCase(json, file));
}

/** The processor time of the best of several rounds. */
function bestMicros(run: () => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let n = 0; n < 20; n++) run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 20;
  });
  return Math.min(...rounds);
}
