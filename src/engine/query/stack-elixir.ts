import { framesOf, frameOf, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/**
 * The frames of Elixir (`Exception.format_stacktrace/1`): `(shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.add/2`, and
 * Erlang's own terms: `{shop_cart,add,2,[{file,"src/shop_cart.erl"},{line,12}]}`.
 */
export const readElixirStack: StackReader = (lines) => {
  const frames = framesOf(lines, readFrame);
  return frames.length > 0 ? frames : lines.flatMap(readTerms).slice(0, MAX_TERMS);
};

const FRAME =
  /^\s*(?:\(([\w.-]{1,100})(?: [^()\s]{1,60})?\) )?([^\s:()"][^:()"]*\.(?:ex|exs|erl|eex|heex|leex|hrl|yrl)):(\d{1,9}): (\S.*)$/;

function readFrame(line: StackLine): StackFrame | undefined {
  const match = FRAME.exec(line.text);
  const path = match?.[2];
  if (match === null || path === undefined) return undefined;
  return frameOf(line, `${path}:${match[3] ?? ""}`, {
    path,
    line: Number(match[3]),
    functionName: match[4],
    isLibrary: isLibrary(match[1] ?? "", path),
  });
}

const MAX_TERMS = 200;
const TERM =
  /\{'?([\w.]{1,200})'?,'?([^,'{}]{1,200})'?,\d{1,3},\s?\[\{file,\s?"([^"]{1,1000})"\},\s?\{line,\s?(\d{1,9})\}/g;

function readTerms(line: StackLine): readonly StackFrame[] {
  if (!line.text.includes("{file,")) return [];
  return [...line.text.matchAll(TERM)].map((match) => {
    const [printed, module = "", name = "", path = "", number] = match;
    const frame = frameOf(line, printed, {
      path,
      line: Number(number),
      functionName: `${module}:${name}`,
      isLibrary: isLibrary("", path) || /^(?:gen_|proc_lib|erl_|supervisor|lists$|maps$)/.test(module),
    });
    return { ...frame, start: match.index, end: match.index + printed.length };
  });
}

const APPLICATIONS =
  "elixir stdlib kernel erts compiler logger mix iex ex_unit eex crypto ssl inets phoenix phoenix_live_view phoenix_html phoenix_pubsub plug plug_cowboy cowboy cowlib ranch bandit thousand_island ecto ecto_sql db_connection postgrex myxql exqlite absinthe absinthe_plug telemetry tesla finch mint hackney req httpoison jason poison oban broadway gen_stage nimble_pool grpc protobuf swoosh guardian ash opentelemetry opentelemetry_api opentelemetry_phoenix opentelemetry_ecto opentelemetry_cowboy opentelemetry_telemetry";
const LIBRARIES: ReadonlySet<string> = new Set(APPLICATIONS.split(" "));

function isLibrary(application: string, path: string): boolean {
  return LIBRARIES.has(application) || /(?:^|[\\/])deps[\\/]|[\\/]lib[\\/](?:elixir|erlang)[\\/]/.test(path);
}
