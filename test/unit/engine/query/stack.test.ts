import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStack } from "../../../../src/engine/query/stack.ts";

/** The first frames as `path:line:column function`, those of libraries in parentheses. */
function frames(stack: string, ...languages: string[]): string[] {
  return readStack(stack, languages).map(({ path, line, column, functionName, isLibrary }) => {
    const place = [path, line, column].filter((part) => part !== undefined).join(":");
    const text = functionName === undefined ? place : `${place} ${functionName}`;
    return isLibrary ? `(${text})` : text;
  });
}

describe("readStack", () => {
  it.each<[string, string, readonly string[]]>([
    ["V8", "at f (/a.js:1:2)", ["/a.js:1:2 f"]],
    ["V8 without a function", "at /a.js:1:2", ["/a.js:1:2"]],
    ["V8 with await", "at async f (/a b/c.js:1:2)", ["/a b/c.js:1:2 f"]],
    ["V8 with new", "at new A (C:\\a.js:1:2)", ["C:\\a.js:1:2 new A"]],
    ["V8 with an anonymous function", "at <anonymous> (/a.js:1:2)", ["/a.js:1:2"]],
    ["V8 with another name", "at Object.x [as y] (/a.js:1:2)", ["/a.js:1:2 Object.x"]],
    ["V8 with parentheses in the path", "at f (/app/(shop)/a.js:1:2)", ["/app/(shop)/a.js:1:2 f"]],
    ["V8 with a URL", "at http://h:3000/a.js:1:2", ["http://h:3000/a.js:1:2"]],
    ["V8 in a package", "at f (/x/node_modules/y/z.js:1:2)", ["(/x/node_modules/y/z.js:1:2 f)"]],
    ["V8 in the runtime", "at f (node:fs:1:2)", ["(node:fs:1:2 f)"]],
    ["Firefox", "f@http://h/a.js:1:2", ["http://h/a.js:1:2 f"]],
    ["Safari", "global code@http://h/a.js:1:2", ["http://h/a.js:1:2"]],
    ["Python", '  File "/a.py", line 3, in f\n    f()\n    ^^^', ["/a.py:3 f"]],
    ["Python at the top level", '  File "/a.py", line 3, in <module>', ["/a.py:3"]],
    ["Java", "\tat a.b.C$D.f(C.java:3)", ["a/b/C.java:3 a.b.C$D.f"]],
    ["Java without a line", "\tat a.b.C.f(C.java)", ["a/b/C.java a.b.C.f"]],
    [
      "Java in a module",
      "\tat java.base/java.lang.Thread.run(Thread.java:8)",
      ["(java/lang/Thread.java:8 java.lang.Thread.run)"],
    ],
    ["Go", "main.(*A).F(0x1)\n\t/a.go:3 +0x1d", ["/a.go:3 main.(*A).F"]],
    ["Go's starter", "created by main.f in goroutine 1\n\t/a.go:3 +0x1d", ["/a.go:3 main.f"]],
    [".NET", "   at A.B.F(String s) in C:\\a.cs:line 3", ["C:\\a.cs:3 A.B.F"]],
    [".NET's state machines", "   at A.B.<FAsync>d__5.MoveNext() in /a.cs:line 3", ["/a.cs:3 A.B.FAsync"]],
    ["Ruby", "/a.rb:3:in `f': x (E)", ["/a.rb:3 f"]],
    ["Ruby 3.4", "\tfrom /a.rb:3:in 'A#f'", ["/a.rb:3 A#f"]],
    ["PHP", "#0 /a.php(3): A->f(1)\n#1 {main}", ["/a.php:3 A->f"]],
    ["PHP's SDK", "E: x\n at A.f(a.php:3)", ["a.php:3 A.f"]],
    ["Rust", "   1: a::f::h0123456789abcdef\n             at ./a.rs:3:5", ["./a.rs:3:5 a::f"]],
    ["Rust's panic", "thread 'main' panicked at src/a.rs:3:5:\nx", ["src/a.rs:3:5"]],
    ["Elixir", "    (a 0.1.0) lib/a.ex:3: A.f/1", ["lib/a.ex:3 A.f/1"]],
    ["Dart", "#0      A.f (package:a/a.dart:3:5)", ["package:a/a.dart:3:5 A.f"]],
  ])("reads %s by its form", (_title, stack, expected) => {
    expect(frames(stack)).toEqual(expected);
  });

  it.each([
    "at f (native)",
    "at Array.map (<anonymous>)",
    "at async Promise.all (index 0)",
    "at eval (eval at f (/a.js:1:1), <anonymous>:1:1)",
    "meet me at home",
    "f@[native code]",
    '  File "<string>", line 1, in f',
    "\tat a.B.f(Native Method)",
    "\tat a.B.f(Unknown Source)",
    "   at A.B.F(String s)",
    "#1 [internal function]: f()\n#2 {main}",
    "see https://example.com/a:1:2 for more",
    `at ${"x".repeat(5000)} (/a.js:1:2)`,
    "",
  ])("finds no frame in %j", (text) => {
    expect(frames(text)).toEqual([]);
  });

  it("takes the form of the language that the resource names", () => {
    const both = 'at f (/a.js:1:2)\n  File "/a.py", line 3, in f';
    expect(frames(both, "python")).toEqual(["/a.py:3 f"]);
    expect(frames(both, "nodejs")).toEqual(["/a.js:1:2 f"]);
  });

  it("takes the form of the text where the language's has no frames", () => {
    expect(frames("at f (/a.js:1:2)", "python")).toEqual(["/a.js:1:2 f"]);
  });

  it("puts the frames below a panic of Go before those that were deferred", () => {
    const stack = [
      "goroutine 1 [running]:",
      "main.recovered()\n\t/deferred.go:1 +0x1",
      "panic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:1 +0x1",
      "main.f()\n\t/cause.go:1 +0x1",
    ].join("\n");
    expect(
      readStack(stack)
        .filter(({ isLibrary }) => !isLibrary)
        .map(({ path }) => path),
    ).toEqual(["/cause.go", "/deferred.go"]);
  });

  it("gives up on a stack without end", () => {
    expect(readStack("at f (/a.js:1:2)\n".repeat(100_000)).length).toBe(200);
  });

  it("reads the end of a very long stack of Python", () => {
    const middle = `${"    x = 1\n".repeat(100_000)}  File "/last.py", line 3, in f\n`;
    const [first] = readStack(
      `Traceback (most recent call last):\n  File "/first.py", line 1, in f\n${middle}`,
    );
    expect(first).toMatchObject({ path: "/last.py", textLine: 100_002 });
  });

  it("is done with hostile lines of a megabyte, and with as many lines that nearly fit", () => {
    const parts = [
      "at ",
      "(",
      ")) in ",
      ":1",
      "/a",
      '  File "',
      "@",
      "panicked at ",
      "#0 ",
      "\t",
      "a.",
      "{file,",
      "::",
      " ",
    ];
    for (const part of parts) {
      const text = part.repeat(1_000_000 / part.length);
      expect(frames(text)).toEqual([]);
      const near = `at ${part.repeat(1300 / part.length)}\n`.repeat(800);
      expect(readStack(near).length).toBeLessThanOrEqual(200);
    }
  });

  it("never throws, and names a part of the text for each frame", () => {
    const word = fc.constantFrom(
      "at ",
      " (",
      ")",
      ":1",
      ":2",
      "/a.js",
      "@",
      '  File "',
      '", line 3',
      "\n",
      "\t",
      "#0 ",
      " in ",
      "x",
      "\r\n",
      "Caused by: ",
      "a.b.C",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const text = words.join("");
        const lines = text.split("\n");
        for (const { textLine, start, end, path } of readStack(text)) {
          const line = lines[textLine] ?? "";
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(line.length);
          expect(path).not.toBe("");
        }
      }),
      { numRuns: 300 },
    );
  });
});
