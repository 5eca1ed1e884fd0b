const JAVASCRIPT = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/** The extensions of the languages whose code is searched, by families that call each other. */
const FAMILIES: readonly (readonly string[])[] = [
  JAVASCRIPT,
  ["py"],
  ["go"],
  ["java", "kt", "kts", "groovy", "scala"],
  ["cs"],
  ["rb", "rake"],
  ["php"],
  ["rs"],
  ["ex", "exs", "erl"],
  ["dart"],
];

/** The extensions of everything whose text is looked into. */
export const SEARCHED_EXTENSIONS: readonly string[] = [...FAMILIES.flat(), "sql"];

/** By `telemetry.sdk.language`. */
const LANGUAGES: Readonly<Record<string, string>> = {
  nodejs: "js",
  webjs: "js",
  python: "py",
  go: "go",
  java: "java",
  dotnet: "cs",
  ruby: "rb",
  php: "php",
  rust: "rs",
  erlang: "ex",
  dart: "dart",
};

/** The extensions of a language's sources, or of those of a file's family; all where neither is known. */
export function extensionsOf(
  language: string | undefined,
  extension = LANGUAGES[language ?? ""],
): readonly string[] {
  return FAMILIES.find((family) => extension !== undefined && family.includes(extension)) ?? FAMILIES.flat();
}
