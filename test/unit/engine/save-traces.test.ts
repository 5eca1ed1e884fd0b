import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeTracesJson } from "../../../src/engine/query/encode-json.ts";
import { saveTraces } from "../../../src/engine/save-traces.ts";
import type { SpanStore } from "../../../src/engine/store/span-store.ts";
import type { TraceId } from "../../../src/model/ids.ts";
import { temporaryFolder } from "./log/temporary-folder.ts";
import { addSpan, idOf, storeOf } from "./query/filled-store.ts";

/** Enough for several slices. */
const SPAN_COUNT = 3000;

function filledStore(): SpanStore {
  return storeOf(Array.from({ length: SPAN_COUNT }, (_, n) => ({ trace: (n % 50) + 1, id: (n % 251) + 1 })));
}

test.each<[string, readonly TraceId[] | undefined]>([
  ["all traces", undefined],
  ["two of them", [idOf(3), idOf(9)]],
  ["none", [idOf(900)]],
])("%s are in the file as they are in one piece", async (_which, traceIds) => {
  const store = filledStore();
  const path = join(await temporaryFolder(), "traces.json");
  const { json, spanCount } = encodeTracesJson(store, traceIds);
  expect(await saveTraces(store, path, traceIds)).toEqual({
    ok: true,
    value: { spanCount, bytes: json.length },
  });
  expect((await readFile(path)).equals(json)).toBe(true);
});

test("others have their turns while it is written, and hear how far it is", async () => {
  const store = filledStore();
  const path = join(await temporaryFolder(), "traces.json");
  const heard: number[] = [];
  const saving = saveTraces(store, path, undefined, { onProgress: (count) => heard.push(count) });
  await expect.poll(() => heard.length, { interval: 0 }).toBeGreaterThan(0);
  expect(heard.at(-1)).toBeLessThan(SPAN_COUNT);
  addSpan(store, { trace: 99, id: 1 });
  expect(await saving).toMatchObject({ ok: true, value: { spanCount: SPAN_COUNT } });
  expect(heard.at(-1)).toBeGreaterThanOrEqual(SPAN_COUNT);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
});

test("when it is cancelled, what it was to replace is still there, and nothing else", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "traces.json");
  await writeFile(path, "before");
  const abort = new AbortController();
  const saved = await saveTraces(filledStore(), path, undefined, {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  expect(saved).toMatchObject({ ok: false, error: { code: "cancelled" } });
  expect(await readFile(path, "utf8")).toBe("before");
  expect(await readdir(folder)).toEqual(["traces.json"]);
});

test("a file that cannot be written leaves nothing behind, and says why", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "taken"));
  const saved = await saveTraces(filledStore(), join(folder, "taken"), undefined);
  expect(saved).toMatchObject({ ok: false, error: { code: "run-file-not-written" } });
  expect(await readdir(folder)).toEqual(["taken"]);
});
