import { describe, expect, test } from "vitest";
import type { LaunchVariables } from "../../../../src/host/source/launch-variables.ts";
import { mapToLocal, pathMappingsOf } from "../../../../src/host/source/path-mappings.ts";

const variables: LaunchVariables = {
  folder: { name: "w", path: "/w" },
  folders: [{ name: "w", path: "/w" }],
  environment: {},
  webRoot: undefined,
};

describe("pathMappingsOf", () => {
  const mapping = [{ remote: "/app", local: "/w/api" }];
  test.each<[string, Readonly<Record<string, unknown>>, unknown]>([
    ["Node's", { localRoot: "/w/api", remoteRoot: "/app" }, mapping],
    ["debugpy's", { pathMappings: [{ localRoot: "/w/api/", remoteRoot: "/app/" }] }, mapping],
    ["PHP's", { pathMappings: { "/app": "/w/api" } }, mapping],
    ["Go's", { substitutePath: [{ from: "/w/api", to: "/app" }] }, mapping],
    ["C++'s", { sourceFileMap: { "/app": "/w/api" } }, mapping],
    ["none", {}, []],
    [
      "none that are no texts",
      { localRoot: 3, remoteRoot: "/app", pathMappings: [1, { localRoot: 2 }], sourceMap: [[1, 2], 3] },
      [],
    ],
  ])("reads %s", (_title, configuration, mappings) => {
    expect(pathMappingsOf(configuration, variables)).toEqual(mappings);
  });
});

describe("mapToLocal", () => {
  const mappings = [
    { remote: "/app", local: "/w" },
    { remote: "/app/lib", local: "/libs" },
  ];
  test.each<[string, readonly string[]]>([
    ["/app/a.py", ["/w/a.py"]],
    ["/app/lib/b.py", ["/libs/b.py", "/w/lib/b.py"]],
    ["/application/a.py", []],
    ["/app", ["/w"]],
  ])("maps %s, the most specific first", (path, local) => {
    expect(mapToLocal(path, mappings)).toEqual(local);
  });
});
