import type { SpanKind, Attribute, AttributeValue, SpanEvent } from "../../src/model/span.ts";
import type { LaunchConfiguration } from "../../src/host/source/path-mappings.ts";
import { joined, slashPath } from "../../src/host/source/slash-path.ts";
import type { FoundSymbol, WorkspaceFolder } from "../../src/host/source/source-world.ts";

/** A debug session of a case. */
export interface CaseSession {
  readonly configuration: LaunchConfiguration;
  readonly folder: WorkspaceFolder | undefined;
}

/** One case of the source suite (test/corpus/source/README.md), with everything optional filled in. */
export interface SourceCase {
  readonly name: string;
  readonly span: {
    readonly name: string;
    readonly kind: SpanKind;
    readonly attributes: readonly Attribute[];
    readonly events: readonly SpanEvent[];
    readonly resource: readonly Attribute[];
    readonly service: string;
  };
  readonly session: CaseSession;
  readonly otherSessions: readonly CaseSession[];
  readonly folders: readonly WorkspaceFolder[];
  readonly platform: "posix" | "windows" | "mac";
  /** By path; a file without a text is there, and empty. */
  readonly files: ReadonlyMap<string, string>;
  /** Links to files and folders, from the link to where it leads. */
  readonly links: ReadonlyMap<string, string>;
  readonly symbols: readonly FoundSymbol[];
  readonly environment: Readonly<Record<string, string>>;
  /** What the person picks when asked. */
  readonly chooses: string | undefined;
  readonly expected: ExpectedSource | undefined;
}

/** What has to be found; what is absent may be anything. */
export interface ExpectedSource {
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly kind: string | undefined;
  readonly guess: boolean | undefined;
  /** The person is asked to choose between these files. */
  readonly ambiguous: readonly string[] | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a case as people write it. Throws where something is missing without which it says nothing. */
export function readSourceCase(json: unknown, fallbackName: string): SourceCase {
  if (!isJson(json)) throw new Error("a case is an object");
  const session = isJson(json["session"]) ? json["session"] : {};
  const folders = foldersIn([
    session["workspaceFolder"] ?? json["workspaceFolder"],
    session["workspaceFolders"] ?? json["workspaceFolders"],
    session["folders"] ?? json["folders"],
  ]);
  const root = folders[0]?.path ?? "";
  const path = (text: unknown): string => joined(root, slashPath(String(text)));
  const span = isJson(json["span"]) ? json["span"] : {};
  const attributes = attributesIn(json["attributes"] ?? span["attributes"]);
  const resource = attributesIn(json["resource"] ?? span["resource"]);
  const service = json["service"] ?? resource.find(({ key }) => key === "service.name")?.value;
  return {
    name: typeof json["name"] === "string" ? json["name"] : fallbackName,
    span: {
      name: textIn(span["name"] ?? json["spanName"]) ?? "",
      kind: (
        textIn(span["kind"] ?? json["spanKind"] ?? json["kind"]) ?? "internal"
      ).toLowerCase() as SpanKind,
      attributes,
      events: eventsIn(json["events"] ?? span["events"]),
      resource,
      service: typeof service === "string" ? service : "",
    },
    session: sessionIn(session, folders),
    otherSessions: listIn(json["otherSessions"])
      .filter(isJson)
      .map((one) => sessionIn(one, folders)),
    folders,
    platform: platformOf(textIn(json["platform"]), root),
    files: filesIn(json["files"], path),
    links: new Map(
      Object.entries(isJson(json["links"]) ? json["links"] : {}).map(([from, to]) => [path(from), path(to)]),
    ),
    symbols: listIn(json["symbols"])
      .filter(isJson)
      .map((symbol) => ({
        name: textIn(symbol["name"]) ?? "",
        container: textIn(symbol["container"]) ?? "",
        path: path(symbol["path"] ?? symbol["file"]),
        line: Number(symbol["line"] ?? 1),
        column: Number(symbol["column"] ?? 1),
      })),
    environment: (isJson(json["environment"]) ? json["environment"] : {}) as Readonly<Record<string, string>>,
    chooses: json["chooses"] === undefined ? undefined : path(json["chooses"]),
    expected: expectedIn(json["expected"], path),
  };
}

function sessionIn(session: Json, folders: readonly WorkspaceFolder[]): CaseSession {
  const given = foldersIn([session["workspaceFolder"]])[0];
  const { type, configuration } = session;
  return {
    configuration: { ...(type !== undefined && { type }), ...(isJson(configuration) ? configuration : {}) },
    folder: folders.find(({ path }) => path === given?.path) ?? given ?? folders[0],
  };
}

function foldersIn(values: readonly unknown[]): readonly WorkspaceFolder[] {
  const folders = values.flat().flatMap((value) => {
    const given = isJson(value) ? (value["path"] ?? value["uri"]) : value;
    if (typeof given !== "string") return [];
    const path = slashPath(given.replace(/^file:\/\//, ""));
    const name =
      isJson(value) && typeof value["name"] === "string"
        ? value["name"]
        : path.slice(path.lastIndexOf("/") + 1);
    return [{ name, path }];
  });
  return folders.filter(({ path }, at) => folders.findIndex((other) => other.path === path) === at);
}

function platformOf(platform: string | undefined, root: string): SourceCase["platform"] {
  if (platform === "darwin" || platform === "mac") return "mac";
  if (platform === "win32" || platform === "windows") return "windows";
  return platform === undefined && /^[A-Z]:/.test(root) ? "windows" : "posix";
}

function filesIn(value: unknown, path: (text: unknown) => string): ReadonlyMap<string, string> {
  if (Array.isArray(value))
    return new Map(
      value.map((file) => [
        path(isJson(file) ? file["path"] : file),
        isJson(file) ? contentIn(file["content"] ?? file["text"]) : "",
      ]),
    );
  return new Map(
    Object.entries(isJson(value) ? value : {}).map(([file, content]) => [path(file), contentIn(content)]),
  );
}

function contentIn(value: unknown): string {
  return Array.isArray(value) ? value.join("\n") : typeof value === "string" ? value : "";
}

function expectedIn(value: unknown, path: (text: unknown) => string): ExpectedSource | undefined {
  if (value === undefined) throw new Error("a case says what it expects");
  if (!isJson(value) || value["none"] === true || value["kind"] === "none") return undefined;
  const file = value["file"];
  if (file === undefined || file === null) return undefined;
  const number = (key: string): number | undefined =>
    typeof value[key] === "number" ? value[key] : undefined;
  return {
    file: path(file),
    line: number("line"),
    column: number("column"),
    kind: textIn(value["kind"] ?? value["evidence"]),
    guess: typeof value["guess"] === "boolean" ? value["guess"] : undefined,
    ambiguous: Array.isArray(value["ambiguous"]) ? value["ambiguous"].map(path).sort() : undefined,
  };
}

function eventsIn(value: unknown): readonly SpanEvent[] {
  return listIn(value)
    .filter(isJson)
    .map((event) => ({
      name: textIn(event["name"]) ?? "exception",
      offsetNs: 0,
      attributes: attributesIn(event["attributes"]),
    }));
}

/** An object from key to value, or OTLP's list of pairs. */
function attributesIn(value: unknown): readonly Attribute[] {
  if (Array.isArray(value))
    return value.filter(isJson).map((pair) => ({
      key: textIn(pair["key"]) ?? "",
      value: (isJson(pair["value"]) ? Object.values(pair["value"])[0] : pair["value"]) as AttributeValue,
    }));
  return Object.entries(isJson(value) ? value : {}).map(([key, one]) => ({
    key,
    // A stack may be written as a list of its lines.
    value: (Array.isArray(one) ? one.join("\n") : one) as AttributeValue,
  }));
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
