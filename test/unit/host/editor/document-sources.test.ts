import { expect, test } from "vitest";
import type { Result } from "../../../../src/base/result.ts";
import { ok } from "../../../../src/base/result.ts";
import { CodeIndex, type CodeIndexQuery } from "../../../../src/engine/query/code-index.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import { DocumentSources } from "../../../../src/host/editor/document-sources.ts";
import { listCodeSources } from "../../../../src/protocol/engine.ts";
import type { RequestType } from "../../../../src/protocol/message.ts";
import { storeOf, type Sketch } from "../../engine/query/filled-store.ts";

const URI = "file:///w/src/Cart%20One.ts";

function spanAt(id: number, path: string, service = "cart", run = 1): Sketch {
  return { id, trace: id, service, run, attributes: { "code.file.path": path, "code.line.number": id } };
}

/** What documents get, with the paths that were looked for. */
async function read(sketches: readonly Sketch[], resolved: Readonly<Record<string, string>>, uris = [URI]) {
  const index = new CodeIndex(storeOf(sketches));
  const lookedFor: string[] = [];
  const sources = new DocumentSources({
    ask: <Params, Reply>(
      type: RequestType<Params, Reply>,
      params: Params,
    ): Promise<Result<Reply, unknown>> => {
      const answer: unknown =
        type.name === listCodeSources.name
          ? runAtOnce(index.sources())
          : runAtOnce(index.read(params as CodeIndexQuery));
      return Promise.resolve(ok(answer as Reply));
    },
    resolve: ({ path, service = "" }) => {
      lookedFor.push(path);
      const uri = resolved[`${service} ${path}`];
      return Promise.resolve(
        uri === undefined ? undefined : { uri: uri.replace("?", ""), guess: uri.endsWith("?") },
      );
    },
  });
  const again = async (): Promise<Readonly<Record<string, readonly number[]>>> =>
    Object.fromEntries(
      [...((await sources.read(new Set(uris))) ?? [])].map(([uri, entries]) => [
        uri,
        entries.map(({ line }) => line),
      ]),
    );
  return { lines: await again(), lookedFor, again };
}

test("a document has the entries of all paths that mean it, and of no other", async () => {
  const { lines } = await read(
    [
      spanAt(1, "/w/src/Cart One.ts"),
      spanAt(2, "/app/src/Cart One.ts"),
      spanAt(3, "src/Cart One.ts"),
      spanAt(4, "/app/src/Cart One.ts", "other"),
      spanAt(5, "/lib/Cart One.ts"),
    ],
    {
      "cart /w/src/Cart One.ts": URI,
      "cart /app/src/Cart One.ts": URI,
      "cart src/Cart One.ts": URI,
      "other /app/src/Cart One.ts": "file:///w/other/Cart%20One.ts",
      "cart /lib/Cart One.ts": `${URI}?`,
    },
  );
  expect(lines).toEqual({ [URI]: [1, 2, 3] });
});

test("only paths that end with an open document's name are looked for, and each found one once", async () => {
  const { lookedFor, again } = await read(
    [
      spanAt(1, "C:\\app\\src\\cart one.ts"),
      spanAt(2, "/usr/lib/library.ts"),
      spanAt(3, "/gone/Cart One.ts"),
    ],
    { "cart C:\\app\\src\\cart one.ts": URI },
  );
  await again();
  expect(lookedFor).toEqual(["C:\\app\\src\\cart one.ts", "/gone/Cart One.ts", "/gone/Cart One.ts"]);
});

test("hostile names of files cost nothing", async () => {
  const { lines } = await read([spanAt(1, "/%E0%A4%A"), spanAt(2, ""), spanAt(3, "/")], {}, [
    "file:///w/%25E0",
  ]);
  expect(lines).toEqual({});
});
