import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { locationsOf } from "../../src/engine/query/locations.ts";
import { StackCache } from "../../src/engine/query/stack-cache.ts";
import { bestSource } from "../../src/host/source/best-source.ts";
import { sessionPathsOf } from "../../src/host/source/session-paths.ts";
import { isUncertain, SourceLocator } from "../../src/host/source/source-locator.ts";
import { readSourceCase, type CaseSession, type SourceCase } from "./source-case.ts";
import { worldOf } from "./source-world.ts";
import type { Case, Suite } from "./suite.ts";

/** From span to source: what a span tells leads to the expected file and line of a workspace (test/corpus/source). */
export const runSource: Suite = (folder) => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort();
  return files.flatMap((name) => casesIn(join(folder, name), name.replace(/\.json$/, "")));
};

/** A file holds one case or a list of them. */
function casesIn(path: string, title: string): readonly Case[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    const check = (): void => {
      throw thrown;
    };
    return [{ title, check }];
  }
  const list: readonly unknown[] = Array.isArray(content) ? content : [content];
  return list.map((json, at) => {
    const fallback = list.length === 1 ? title : `${title} ${at + 1}`;
    const name = (json as { readonly name?: unknown } | null)?.name;
    return {
      title: typeof name === "string" && name !== title ? `${title}: ${name}` : fallback,
      check: () => checkSource(readSourceCase(json, fallback)),
    };
  });
}

async function checkSource(one: SourceCase): Promise<void> {
  const world = worldOf(one);
  const locator = new SourceLocator(world);
  const locations = locationsOf({ ...one.span, session: undefined }, new StackCache());
  const paths = ({ configuration, folder }: CaseSession): ReturnType<typeof sessionPathsOf> =>
    sessionPathsOf(configuration, { folder, folders: one.folders, environment: one.environment });
  const best = await bestSource(locator, locations, {
    own: paths(one.session),
    others: one.otherSessions.map(paths),
  });
  const { expected } = one;
  if (expected === undefined) {
    const place = best && placeOf(best.found, best.found.paths[0]);
    assert.ok(
      best === undefined,
      `found ${place ?? ""} by ${best?.location.evidence ?? ""} instead of nothing`,
    );
    return;
  }
  assert.ok(
    best !== undefined,
    `nothing found instead of ${expected.file}; tried ${locations.map(({ path }) => path).join(", ")}`,
  );
  const { found, location } = best;
  const file = found.paths.find((path) => path === one.chooses) ?? found.paths[0];
  const wanted = {
    place: placeOf(
      { line: expected.line ?? found.line, column: expected.column ?? found.column },
      expected.file,
    ),
    kind: expected.kind ?? location.evidence,
    guess: expected.guess ?? isUncertain(location, found),
    ambiguous: expected.ambiguous ?? [...found.paths].sort(),
  };
  const got = {
    place: placeOf(found, file),
    kind: location.evidence,
    guess: isUncertain(location, found),
    ambiguous: [...found.paths].sort(),
  };
  const [is, shouldBe] = [JSON.stringify(got), JSON.stringify(wanted)];
  assert.ok(is === shouldBe, `found ${is} instead of ${shouldBe}`);
}

function placeOf({ line, column }: { readonly line: number; readonly column: number }, file = ""): string {
  return `${file}:${line}:${column}`;
}
