import { expect, test } from "vitest";
import type { Result } from "../../../../src/base/result.ts";
import { ok } from "../../../../src/base/result.ts";
import { CodeIndex, type CodeIndexQuery } from "../../../../src/engine/query/code-index.ts";
import { readSpan as spanOfRow } from "../../../../src/engine/query/read-span.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import type { SpanRow } from "../../../../src/model/ids.ts";
import { DocumentSources } from "../../../../src/host/editor/document-sources.ts";
import { listCodeSources, readCodeIndex, readSpan } from "../../../../src/protocol/engine.ts";
import type { RequestType } from "../../../../src/protocol/message.ts";
import { storeOf, type Sketch } from "../../engine/query/filled-store.ts";

const URI = "file:///w/src/Cart%20One.ts";

function spanAt(id: number, path: string, service = "cart", run = 1): Sketch {
  return { id, trace: id, service, run, attributes: { "code.file.path": path, "code.line.number": id } };
}

interface Workspace {
  /** Compiled files: the document that they are of, how many lines that is longer above, and what their map names. */
  readonly maps?: Readonly<
    Record<string, { readonly uri: string; readonly linesAbove: number; readonly sources: readonly string[] }>
  >;
  /** Where routes are registered. */
  readonly routes?: Readonly<Record<string, { readonly uri: string; readonly line: number }>>;
  /** Whether open documents may have handlers of routes that others register. */
  readonly mayHandle?: boolean;
}

/** What documents get, with the paths that were looked for. */
async function read(
  sketches: readonly Sketch[],
  resolved: Readonly<Record<string, string>>,
  uris = [URI],
  { maps = {}, routes = {}, mayHandle = false }: Workspace = {},
) {
  const store = storeOf(sketches);
  const index = new CodeIndex(store);
  const lookedFor: string[] = [];
  const asked: (boolean | undefined)[] = [];
  let withFailedInPause = false;
  let nowMs = 7;
  const sources = new DocumentSources({
    ask: <Params, Reply>(
      type: RequestType<Params, Reply>,
      params: Params,
    ): Promise<Result<Reply, unknown>> => {
      if (type.name === readCodeIndex.name)
        asked.push((params as { readonly withFailedInPause?: boolean }).withFailedInPause);
      const answer: unknown =
        type.name === listCodeSources.name
          ? runAtOnce(index.sources())
          : type.name === readSpan.name
            ? spanOfRow(store, (params as { row: SpanRow }).row)
            : runAtOnce(index.read(params as CodeIndexQuery));
      return Promise.resolve(ok(answer as Reply));
    },
    withFailedInPause: () => withFailedInPause,
    resolve: ({ path, line = 1, service = "", lookup }) => {
      if (lookup?.kind === "route") {
        lookedFor.push(lookup.route);
        return Promise.resolve(routes[lookup.route]);
      }
      const map = maps[path];
      if (map !== undefined) return Promise.resolve({ uri: map.uri, line: line + map.linesAbove });
      lookedFor.push(path);
      const uri = resolved[`${service} ${path}`];
      return Promise.resolve(uri === undefined ? undefined : { uri, line });
    },
    originals: ({ path }) => Promise.resolve(maps[path]?.sources ?? []),
    mayHold: (uri, lookup) => lookup.kind === "route" && routes[lookup.route]?.uri === uri,
    mayHandle: () => mayHandle,
    now: () => nowMs,
  });
  const again = async (): Promise<Readonly<Record<string, readonly number[]>>> =>
    Object.fromEntries(
      [...((await sources.read(new Set(uris))) ?? [])].map(([uri, entries]) => [
        uri,
        entries.map(({ lineHere }) => lineHere),
      ]),
    );
  const withPauses = (include: boolean): void => void (withFailedInPause = include);
  const later = (ms: number): void => void (nowMs += ms);
  return { lines: await again(), lookedFor, again, asked, withPauses, later };
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

test("a compiled file's entries are those of the document that it was made from", async () => {
  const compiled = "/w/dist/cart one.js";
  const maps = { [compiled]: { uri: URI, linesAbove: 100, sources: ["../src/Cart%20One.ts"] } };
  const { lines, lookedFor } = await read([spanAt(1, compiled), spanAt(2, "/w/dist/other.js")], {}, [URI], {
    maps,
  });
  expect(lines).toEqual({ [URI]: [101] });
  expect(lookedFor).toEqual([]);
});

/** A server's span that names its route, and no place. */
function requestTo(id: number, route: string, kind = 2): Sketch {
  return { id, trace: id, kind, name: `GET ${route}`, run: 1, attributes: { "http.route": route } };
}

test("a handler that spans name by its route only is looked up once, where an open document registers it", async () => {
  const routes = { "/cart/<id>": { uri: URI, line: 12 }, "/closed": { uri: "file:///w/closed.py", line: 3 } };
  const spans = [
    requestTo(1, "/cart/<id>"),
    requestTo(2, "/cart/<id>"),
    requestTo(3, "/closed"),
    requestTo(4, "/gone"),
  ];
  const { lines, lookedFor, again } = await read(spans, {}, [URI], { routes });
  expect(lines).toEqual({ [URI]: [12] });
  expect(await again()).toEqual(lines);
  expect(lookedFor).toEqual(["/cart/<id>"]);
});

test("a handler is looked up where a document may have it, though its route is in a file that is closed; in vain only now and then", async () => {
  // The route's place is that of its handler, in a document that does not register it.
  const routes = { "/cart/<id>": { uri: "file:///w/urls.py", line: 12 } };
  const spans = [requestTo(1, "/cart/<id>"), requestTo(2, "/gone")];
  const { lookedFor, again, later } = await read(spans, {}, [URI], { routes, mayHandle: true });
  await again();
  expect(lookedFor).toEqual(["/cart/<id>", "/gone"]);
  later(60_000);
  await again();
  expect(lookedFor).toEqual(["/cart/<id>", "/gone", "/gone"]);
});

test("a client's route is nobody's here", async () => {
  const { lines } = await read([requestTo(1, "/cart/<id>", 3)], {}, [URI], {
    routes: { "/cart/<id>": { uri: URI, line: 12 } },
  });
  expect(lines).toEqual({});
});

test("the engine is asked for calls that failed because of a pause as the person wants at the time", async () => {
  const path = "/w/src/Cart One.ts";
  const { again, asked, withPauses } = await read([spanAt(1, path)], { [`cart ${path}`]: URI });
  const before = asked.length;
  withPauses(true);
  await again();
  expect(new Set(asked.slice(0, before))).toEqual(new Set([false]));
  expect(new Set(asked.slice(before))).toEqual(new Set([true]));
});
