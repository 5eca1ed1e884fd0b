import { readBrowserStack } from "./stack-browser.ts";
import { readDartStack } from "./stack-dart.ts";
import { readDotnetStack } from "./stack-dotnet.ts";
import { readElixirStack } from "./stack-elixir.ts";
import { readGoStack } from "./stack-go.ts";
import { readJavaStack } from "./stack-java.ts";
import { readNodeStack } from "./stack-node.ts";
import { readPhpStack } from "./stack-php.ts";
import { readPythonStack } from "./stack-python.ts";
import { readRubyStack } from "./stack-ruby.ts";
import { readRustStack } from "./stack-rust.ts";
import { splitStack, type StackFrame, type StackReader } from "./stack-text.ts";

/** The readers; where a text has frames of two forms equally often, the earlier, whose form is stricter, has the say. */
const READERS = {
  rust: readRustStack,
  python: readPythonStack,
  dotnet: readDotnetStack,
  go: readGoStack,
  dart: readDartStack,
  elixir: readElixirStack,
  php: readPhpStack,
  ruby: readRubyStack,
  java: readJavaStack,
  node: readNodeStack,
  browser: readBrowserStack,
} satisfies Readonly<Record<string, StackReader>>;

/** A form in which a runtime prints stacks. */
export type StackForm = keyof typeof READERS;

/** The forms to expect of `telemetry.sdk.language`, and of `process.runtime.name` where that is more exact. */
const FORMS: Readonly<Record<string, readonly StackForm[]>> = {
  nodejs: ["node", "browser"],
  webjs: ["node", "browser"],
  bun: ["node", "browser"],
  deno: ["node", "browser"],
  python: ["python"],
  cpython: ["python"],
  pypy: ["python"],
  java: ["java"],
  go: ["go"],
  gc: ["go"],
  dotnet: ["dotnet"],
  ".net": ["dotnet"],
  ".net core": ["dotnet"],
  ".net framework": ["dotnet"],
  mono: ["dotnet"],
  ruby: ["ruby"],
  jruby: ["ruby"],
  php: ["php", "java"],
  rust: ["rust"],
  erlang: ["elixir"],
  beam: ["elixir"],
  elixir: ["elixir"],
  dart: ["dart"],
};

/**
 * The frames of a stack, the likeliest origin first.
 * @param languages what the resource says of its language and runtime; the text decides where that is nothing known,
 * or where the text has another form: one program can pass on what another printed.
 */
export function readStack(stack: string, languages: readonly string[] = []): readonly StackFrame[] {
  const lines = splitStack(stack);
  for (const language of languages) {
    const forms = FORMS[language.toLowerCase()] ?? [];
    const frames = mostFrames(forms.map((form) => READERS[form](lines)));
    if (frames.length > 0) return frames;
  }
  return mostFrames(Object.values(READERS).map((read) => read(lines)));
}

function mostFrames(readings: readonly (readonly StackFrame[])[]): readonly StackFrame[] {
  let most: readonly StackFrame[] = [];
  for (const frames of readings) if (frames.length > most.length) most = frames;
  return most;
}
