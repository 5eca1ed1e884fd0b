import { beforeEach, describe, expect, test } from "vitest";
import type { SessionId } from "../../../../src/model/ids.ts";
import type { SourceLocation } from "../../../../src/model/source-location.ts";
import { LaunchPaths } from "../../../../src/host/source/launch-paths.ts";
import { SourceLocator } from "../../../../src/host/source/source-locator.ts";
import { baseNameOf, extensionOf } from "../../../../src/host/source/slash-path.ts";
import type { SourceWorld } from "../../../../src/host/source/source-world.ts";

const folder = { name: "w", path: "/w" };
const files = new Map<string, string>();
const asked: string[] = [];
const world: SourceWorld = {
  windows: false,
  foldsCase: false,
  folders: [folder],
  environment: {},
  actual: (path) => {
    asked.push(`actual ${path}`);
    return Promise.resolve(files.has(path) ? path : undefined);
  },
  read: (path) => {
    asked.push(`read ${path}`);
    return Promise.resolve(files.get(path));
  },
  named: (name) => {
    asked.push(`named ${name}`);
    return Promise.resolve([...files.keys()].filter((path) => baseNameOf(path) === name));
  },
  sources: (extensions) => {
    asked.push("sources");
    return Promise.resolve([...files.keys()].filter((path) => extensions.includes(extensionOf(path))));
  },
  symbols: () => Promise.resolve([]),
};
const route: SourceLocation = {
  path: "",
  evidence: "route",
  lookup: { kind: "route", method: "GET", route: "/cart/:id", language: "nodejs" },
};

describe("SourceLocator", () => {
  let locator: SourceLocator;
  let launches: LaunchPaths;
  beforeEach(() => {
    files.clear();
    files.set("/w/a/cart.js", 'app.get("/cart/:id", show);\n');
    files.set("/w/b/bank.js", "1;\n");
    asked.length = 0;
    locator = new SourceLocator(world);
    launches = new LaunchPaths();
  });

  test("asks the file system once for a place that many spans name", async () => {
    const location: SourceLocation = { path: "/app/a/cart.js", line: 1, evidence: "call-site" };
    const found = await Promise.all(
      Array.from({ length: 1000 }, () => locator.locate(location, launches.of(undefined))),
    );
    expect(new Set(found.map((one) => one?.paths.join()))).toEqual(new Set(["/w/a/cart.js"]));
    expect(asked).toEqual(["actual /app/a/cart.js", "named cart.js"]);
  });

  test("finds a file anew after one has appeared", async () => {
    const location: SourceLocation = { path: "/w/new.js", line: 1, evidence: "call-site" };
    expect(await locator.locate(location, launches.of(undefined))).toBeUndefined();
    files.set("/w/new.js", "");
    locator.moved("/w/new.js");
    expect((await locator.locate(location, launches.of(undefined)))?.paths).toEqual(["/w/new.js"]);
  });

  test("reads every source once for routes, and a changed one again", async () => {
    const other = { ...route, lookup: { ...route.lookup, route: "/nowhere" } } as SourceLocation;
    expect((await locator.locate(route, launches.of(undefined)))?.line).toBe(1);
    await locator.locate(other, launches.of(undefined));
    expect(asked).toEqual(["sources", "read /w/b/bank.js", "read /w/a/cart.js"]);

    files.set("/w/a/cart.js", '\n\napp.get("/cart/:id", show);\n');
    locator.changed("/w/a/cart.js");
    asked.length = 0;
    expect((await locator.locate(route, launches.of(undefined)))?.line).toBe(3);
    expect(asked).toEqual(["read /w/a/cart.js"]);
  });

  test("keeps what names alone have told while texts are edited, and looks again at what was read", async () => {
    const named: SourceLocation = { path: "/app/a/cart.js", line: 1, evidence: "call-site" };
    const read: SourceLocation = { path: "/app/a/cart.js", functionName: "show", evidence: "function" };
    const locate = async (location: SourceLocation): Promise<readonly string[]> => {
      asked.length = 0;
      await locator.locate(location, launches.of(undefined));
      return [...asked];
    };
    await locate(named);
    await locate(read);
    locator.edited("/w/a/cart.js");
    expect(await locate(named)).toEqual([]);
    expect(await locate(read)).toContain("read /w/a/cart.js");
    expect(await locate(read)).toEqual([]);
  });

  test("maps the paths of a session by its own launch first", async () => {
    const [a, b] = ["session-a" as SessionId, "session-b" as SessionId];
    const root = (local: string): Record<string, unknown> => ({ localRoot: local, remoteRoot: "/app" });
    files.set("/w/a/index.js", "");
    files.set("/w/b/index.js", "");
    launches.add(a, root("${workspaceFolder}/a"), folder, [folder]);
    launches.add(b, root("${workspaceFolder}/b"), folder, [folder]);
    const location: SourceLocation = { path: "/app/index.js", line: 1, evidence: "call-site" };
    const paths = async (session: SessionId | undefined): Promise<readonly string[] | undefined> =>
      (await locator.locate(location, launches.of(session)))?.paths;
    expect([await paths(a), await paths(b), await paths(undefined)]).toEqual([
      ["/w/a/index.js"],
      ["/w/b/index.js"],
      ["/w/b/index.js"],
    ]);
  });

  test("adds what a session's children say to what it says itself", async () => {
    const session = "session-a" as SessionId;
    files.set("/w/b/only.js", "");
    launches.add(session, {}, folder, [folder]);
    launches.add(session, { localRoot: "/w/b", remoteRoot: "/x" }, folder, [folder]);
    const location: SourceLocation = { path: "/x/only.js", evidence: "call-site" };
    expect((await locator.locate(location, launches.of(session)))?.paths).toEqual(["/w/b/only.js"]);
    expect(asked).toEqual(["actual /w/b/only.js"]);
  });
});
