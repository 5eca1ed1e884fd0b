import { describe, expect, test } from "vitest";
import { parseLocationPath } from "../../../../src/host/source/location-path.ts";

/** `=path` is an absolute path, `~path` a partial one, undefined is refused. */
function read(text: string, windows: boolean): string | undefined {
  const path = parseLocationPath(text, windows);
  if (path === undefined) return undefined;
  return path.kind === "absolute" ? `=${path.path}` : `~${path.segments.join("/")}`;
}

const cases: readonly [text: string, posix: string | undefined, windows: string | undefined][] = [
  ["/srv/shop/a.ts", "=/srv/shop/a.ts", "~srv/shop/a.ts"],
  ["/srv//shop/./x/../a.ts", "=/srv/shop/a.ts", "~srv/shop/a.ts"],
  ["src/a.ts", "~src/a.ts", "~src/a.ts"],
  ["src\\a.ts", "~src/a.ts", "~src/a.ts"],
  ["C:\\src\\a.cs", "~src/a.cs", "=C:/src/a.cs"],
  ["c:/src/a.cs", "~src/a.cs", "=C:/src/a.cs"],
  ["file:///srv/a%20b.js", "=/srv/a b.js", "~srv/a b.js"],
  ["file:///C:/src/a.cs", "~src/a.cs", "=C:/src/a.cs"],
  ["file://localhost/srv/a.js", "=/srv/a.js", "~srv/a.js"],
  ["FILE:///srv/a.js", "=/srv/a.js", "~srv/a.js"],
  ["vscode-remote://ssh-remote+box/srv/a.js", "=/srv/a.js", "~srv/a.js"],
  ["webpack://shop/./src/a.ts", "~src/a.ts", "~src/a.ts"],
  ["webpack-internal:///./src/a.ts", "~src/a.ts", "~src/a.ts"],
  ["webpack://shop/./src/a.ts?5bf1", "~src/a.ts", "~src/a.ts"],
  ["http://localhost:3000/src/a.ts?t=1#x", "~src/a.ts", "~src/a.ts"],
  // Climbing out of the workspace leads nowhere else.
  ["../../etc/passwd", "~etc/passwd", "~etc/passwd"],
  ["src/../../../etc/passwd", "~etc/passwd", "~etc/passwd"],
  ["webpack://shop/../../../etc/passwd", "~etc/passwd", "~etc/passwd"],
  ["webpack://shop/%2e%2e/%2e%2e/etc/passwd", "~etc/passwd", "~etc/passwd"],
  ["..", undefined, undefined],
  // Not files of this machine.
  ["command:workbench.action.terminal.new", undefined, undefined],
  ["vscode://publisher.extension/run", undefined, undefined],
  ["javascript:alert(1)", undefined, undefined],
  ["data:text/html,x", undefined, undefined],
  ["untitled:x", undefined, undefined],
  ["node:internal/http", undefined, undefined],
  ["<anonymous>", undefined, undefined],
  ["file://evil.example/share/a.js", undefined, undefined],
  ["file:////evil.example/share/a.js", undefined, undefined],
  ["file:///%2fevil.example/share", undefined, undefined],
  ["\\\\evil.example\\share\\a.js", undefined, undefined],
  ["//evil.example/share/a.js", undefined, undefined],
  ["/srv/a\u0000.js", undefined, undefined],
  ["/srv/a\n.js", undefined, undefined],
  ["file:///srv/a%00.js", undefined, undefined],
  ["", undefined, undefined],
  ["/", undefined, undefined],
  [`/${"x".repeat(5000)}`, undefined, undefined],
  ["/srv/%zz.js", "=/srv/%zz.js", "~srv/%zz.js"],
  ["file:///srv/%zz.js", "=/srv/%zz.js", "~srv/%zz.js"],
];

describe("parseLocationPath", () => {
  test.each(cases)("reads %j", (text, posix, windows) => {
    expect([read(text, false), read(text, true)]).toEqual([posix, windows]);
  });
});
