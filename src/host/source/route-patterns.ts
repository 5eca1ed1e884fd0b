/** How a framework's routes stand in the text. Groups: `method`, `path`, `name` of the handler. */
export interface RoutePattern {
  readonly pattern: RegExp;
  /**
   * - `call`: a registration; the handler is named or written in it
   * - `above`: a decorator or annotation; the handler is the function under it
   * - `prefix`: a mount; its path comes before those of the file's other routes
   * - `class`: an annotation that is a prefix above a class, and a route above a function
   */
  readonly role: "call" | "above" | "prefix" | "class";
}

/** The first of a list of paths, or the only one. */
const STRING = String.raw`(?:[[{]\s*)?(?:r|b|@|\$)?(?<q>["'\x60])(?<path>[^"'\x60\n]{0,300})\k<q>`;
const VERBS = "get|post|put|patch|delete|del|head|options|all|any";
/** What is registered after the path: the last plain name in the call, `views.cart`, `s.handleCart`, `CartController::class`. */
const HANDLER = String.raw`(?:[^\n]*?[,(]\s*(?:\w+\s*=\s*)?&?(?<name>[A-Za-z_$][\w$.]*(?:::\w+)?)\s*(?:\.as_view\([^()]*\))?\s*\)[)\]]*[;,]?(?:\s*\.\w+\([^()]*\))?[;,]?\s*$)?`;

const of = (source: string, role: RoutePattern["role"]): RoutePattern => ({
  pattern: new RegExp(source.replaceAll("STRING", STRING).replaceAll("HANDLER", HANDLER)),
  role,
});

const JAVASCRIPT = [
  of(String.raw`@(?<method>Get|Post|Put|Patch|Delete|Head|Options|All)\(\s*(?:STRING)?`, "above"),
  of(String.raw`@(?:Controller|JsonController)\(\s*(?:\{[^}\n]*path:\s*)?(?:STRING)?`, "prefix"),
  // Koa's router takes a name before the path.
  of(String.raw`\.(?<method>${VERBS})\s*(?:<[^>\n]*>)?\(\s*(?:["'][\w.-]+["']\s*,\s*)?STRINGHANDLER`, "call"),
  of(String.raw`\.route\s*\(\s*STRING`, "call"),
  of(String.raw`\b(?:url|path)\s*:\s*STRING`, "call"),
  of(String.raw`\.(?:use|route|register|group|basePath|mount)\s*\([^"'\x60\n]{0,100}STRING`, "prefix"),
  of(String.raw`\b(?:prefix)\s*:\s*STRING`, "prefix"),
];
const PYTHON = [
  of(
    String.raw`^\s*@[\w.]+\.(?<method>${VERBS}|route|api_route|websocket)\(\s*(?:path\s*=\s*)?STRING`,
    "above",
  ),
  of(String.raw`\.add_(?:url_rule|api_route|route|(?<method>${VERBS}))\(\s*STRINGHANDLER`, "call"),
  of(String.raw`\bweb\.(?<method>${VERBS})\(\s*STRINGHANDLER`, "call"),
  of(String.raw`\b(?:re_path|path|url|Route)\(\s*STRING\s*,\s*include`, "prefix"),
  of(
    String.raw`\b(?:re_path|path|url|Route)\(\s*STRING(?:\s*,\s*(?<name>[A-Za-z_][\w.]*?)(?:\.as_view\(.*?\))?\s*[,)])?`,
    "call",
  ),
  of(String.raw`\b(?:url_prefix|prefix)\s*=\s*STRING`, "prefix"),
  of(String.raw`\.mount\(\s*STRING`, "prefix"),
];
const GO = [
  of(
    String.raw`\.(?:Method|MethodFunc|Handle|Add)\(\s*(?:http\.Method|")(?<method>[A-Za-z]+)"?\s*,\s*STRINGHANDLER`,
    "call",
  ),
  of(
    String.raw`\.(?<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|Any|Get|Post|Put|Patch|Delete|Head|Options|All)\(\s*STRINGHANDLER`,
    "call",
  ),
  of(String.raw`\b(?:Handle|HandleFunc|HandlerFunc)\(\s*STRINGHANDLER`, "call"),
  of(String.raw`\.(?:Group|Route|Mount|PathPrefix)\(\s*STRING`, "prefix"),
];
const JAVA = [
  of(
    String.raw`@(?<method>Get|Post|Put|Patch|Delete)(?:Mapping)?\b(?:\(\s*(?:(?:value|path|uri)\s*=\s*)?(?:STRING)?)?`,
    "above",
  ),
  of(String.raw`@(?:RequestMapping|Path|Controller|RestController|HttpExchange)\s*\([^"\n]*?STRING`, "class"),
  of(String.raw`@(?<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s*$`, "above"),
  of(
    String.raw`(?:^|[\s.])(?<method>${VERBS}|GET|POST|PUT|PATCH|DELETE)\s*\(\s*STRING(?:\s*,\s*(?<name>\w+::\w+)\s*\))?`,
    "call",
  ),
  of(String.raw`(?:^|[\s.])(?:route|nest|path|pathPrefix|createContext)\s*\(\s*STRING`, "prefix"),
];
const CSHARP = [
  of(
    String.raw`\[Http(?<method>Get|Post|Put|Patch|Delete|Head|Options)(?:\(\s*(?:template:\s*)?(?:STRING)?[^\]\n]*\))?`,
    "above",
  ),
  of(String.raw`\[Route\(\s*(?:template:\s*)?STRING`, "class"),
  of(String.raw`\.Map(?<method>Get|Post|Put|Patch|Delete|Methods|)\(\s*STRINGHANDLER`, "call"),
  of(String.raw`\.MapGroup\(\s*STRING`, "prefix"),
];
const RUBY = [
  of(
    String.raw`^\s*(?<method>${VERBS}|match|root|route)\s*\(?\s*STRING(?:\s*,?\s*(?:to:|=>)\s*["']\w+#(?<name>\w+))?`,
    "call",
  ),
  of(String.raw`^\s*(?:scope|namespace|mount|resources?)\s*\(?\s*(?:path:\s*)?:?STRING`, "prefix"),
];
const PHP = [
  of(
    String.raw`(?:Route::|->)(?<method>${VERBS}|map|match)\(\s*(?:\[[^\]\n]*\]\s*,\s*)?STRING(?:[^\n]*?["'@:,]\s*["']?(?<name>\w+)["']?\s*\]?\s*\))?`,
    "call",
  ),
  of(String.raw`#\[Route\(\s*(?:path:\s*)?STRING`, "class"),
  of(String.raw`(?:->|::)(?:prefix|group)\(\s*STRING`, "prefix"),
];
const RUST = [
  of(String.raw`#\[(?<method>get|post|put|patch|delete|head|options|route)\(\s*STRING`, "above"),
  of(
    String.raw`\.route\(\s*STRING\s*,\s*(?:web::)?(?<method>get|post|put|patch|delete|any)\((?:\)\s*\.to\()?\s*(?<name>[\w:]+)`,
    "call",
  ),
  of(String.raw`\b(?:scope|nest|resource)\(\s*STRING`, "prefix"),
];
const ELIXIR = [
  of(
    String.raw`^\s*(?<method>${VERBS}|match|live)\s*\(?\s*STRING(?:\s*,\s*[\w.]+\s*,\s*:(?<name>\w+))?`,
    "call",
  ),
  of(String.raw`^\s*(?:scope|forward)\s*\(?\s*STRING`, "prefix"),
];

/** By the extension of the file. */
export const ROUTE_PATTERNS: Readonly<Record<string, readonly RoutePattern[]>> = {
  ...Object.fromEntries(
    ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"].map((one) => [one, JAVASCRIPT]),
  ),
  py: PYTHON,
  go: GO,
  java: JAVA,
  kt: JAVA,
  kts: JAVA,
  groovy: JAVA,
  scala: JAVA,
  cs: CSHARP,
  rb: RUBY,
  php: PHP,
  rs: RUST,
  ex: ELIXIR,
  exs: ELIXIR,
};
