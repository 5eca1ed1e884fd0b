import type { InjectionNote } from "../../model/session.ts";
import type { DebugType } from "./debug-types.ts";
import type { Endpoint } from "./endpoint.ts";
import { readEnvironment, writeEnvironment, type Variables } from "./environment-field.ts";
import { withRequire } from "./node-options.ts";
import { telemetryVariables, type Own } from "./telemetry-variables.ts";

/** The attributes of a launch configuration that matter here; an adapter's others pass through. */
export interface LaunchConfiguration {
  readonly type: string;
  readonly name: string;
  readonly request: string;
  readonly [attribute: string]: unknown;
}

/** All that completing an environment depends on, besides the configuration itself. */
export interface Surroundings {
  readonly endpoint: Endpoint;
  /** Absolute path of the Node agent's preload script. */
  readonly agentPath: string;
  /** Absolute globs of the files whose functions are traced. */
  readonly traceFunctions: readonly string[];
  /** A name for the service, where the program is not one that the agent names. */
  readonly service: string | undefined;
  /** What the configuration's `envFile` says. */
  readonly envFile: ReadonlyMap<string, string>;
  /** The editor's own environment, which the program inherits. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Windows takes `Path` and `PATH` for the same variable. */
  readonly foldCase: boolean;
  /** Whether an endpoint was issued for an earlier launch: left over where a configuration is used again. */
  readonly isIssued: (endpoint: string) => boolean;
}

/**
 * Adds to a launch configuration's environment what its program needs to be seen; the person's own values stay.
 * Applied to its own result it changes nothing.
 */
export function completeEnvironment<Configuration extends LaunchConfiguration>(
  configuration: Configuration,
  type: DebugType,
  around: Surroundings,
): { readonly configuration: Configuration; readonly notes: readonly InjectionNote[] } {
  const field = configuration[type.field];
  const variables = readEnvironment(field);
  const withVariables = (additions: ReadonlyMap<string, string>): Configuration => ({
    ...configuration,
    [type.field]: writeEnvironment(field, type.form, namedAsWritten(additions, variables, around.foldCase)),
  });

  const previous = variables.get("SPANLIGHT_ENDPOINT");
  if (previous === around.endpoint.http) return { configuration, notes: [] };
  if (typeof previous === "string" && around.isIssued(previous))
    return { configuration: withVariables(retargeted(variables, previous, around.endpoint)), notes: [] };

  const own = ownValues(variables, around);
  const additions = new Map(
    telemetryVariables(around.endpoint, own.of, type.node ? undefined : around.service),
  );
  if (own.of("SPANLIGHT_ENDPOINT") === undefined) additions.set("SPANLIGHT_ENDPOINT", around.endpoint.http);

  const notes: InjectionNote[] = [];
  if (type.node && isForeignRuntime(configuration["runtimeExecutable"])) {
    notes.push({ kind: "not-instrumented", variables: Object.fromEntries(additions) });
  } else if (type.node) {
    additions.set("NODE_OPTIONS", withRequire(own.of("NODE_OPTIONS") ?? "", around.agentPath));
    if (around.traceFunctions.length > 0 && own.of("SPANLIGHT_TRACE_FUNCTIONS") === undefined)
      additions.set("SPANLIGHT_TRACE_FUNCTIONS", JSON.stringify(around.traceFunctions));
  }
  if (own.toldNames.length > 0) notes.push({ kind: "kept-own", names: own.toldNames });
  return { configuration: withVariables(additions), notes };
}

/** The person's own values. */
interface OwnValues {
  readonly of: Own;
  /** The names that the panel tells of: OpenTelemetry's variables and `NODE_OPTIONS`. */
  readonly toldNames: readonly string[];
}

/** The configuration speaks before its file, the file before what is inherited. */
function ownValues(
  variables: Variables,
  { envFile, inherited, foldCase }: Pick<Surroundings, "envFile" | "inherited" | "foldCase">,
): OwnValues {
  const fold = (name: string): string => (foldCase ? name.toUpperCase() : name);
  const values = new Map<string, string | null>();
  for (const [name, value] of Object.entries(inherited)) {
    // An editor that is itself a program under Spanlight hands its own endpoint down; it is nobody's wish here.
    if (value !== undefined && !name.startsWith("SPANLIGHT_")) values.set(fold(name), value);
  }
  for (const [name, value] of [...envFile, ...variables]) values.set(fold(name), value);
  return {
    of: (name) => values.get(fold(name)),
    toldNames: [...values]
      .filter(([name, value]) => name.startsWith("OTEL_") || (name === "NODE_OPTIONS" && Boolean(value)))
      .map(([name]) => name)
      .sort(),
  };
}

/** What an earlier launch put in, made to speak of this one. */
function retargeted(variables: Variables, previous: string, endpoint: Endpoint): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  const previousId = previous.slice(previous.lastIndexOf("/") + 1);
  for (const [name, value] of variables) {
    if (value === previous) changed.set(name, endpoint.http);
    else if (value?.includes(previousId) === true && endpoint.sessionId !== undefined)
      changed.set(name, value.replaceAll(previousId, endpoint.sessionId));
  }
  return changed;
}

/** Programs that js-debug starts and that do not load a Node preload. */
function isForeignRuntime(runtimeExecutable: unknown): boolean {
  if (typeof runtimeExecutable !== "string") return false;
  const baseName = runtimeExecutable.replace(/^.*[\\/]/, "").replace(/\.exe$/i, "");
  return baseName === "bun" || baseName === "deno";
}

/** The additions under the spelling that the person has used, where upper and lower case are the same name. */
function namedAsWritten(
  additions: ReadonlyMap<string, string>,
  variables: Variables,
  foldCase: boolean,
): ReadonlyMap<string, string> {
  if (!foldCase) return additions;
  const written = new Map([...variables.keys()].map((name) => [name.toUpperCase(), name]));
  return new Map([...additions].map(([name, value]) => [written.get(name.toUpperCase()) ?? name, value]));
}
