import { isRecord } from "../../protocol/guard.ts";

/** How an adapter takes the environment: `{K: "V"}`, `["K=V"]` or `[{name, value}]`. */
export type EnvironmentForm = "object" | "list" | "pairs";

/** The variables of a launch configuration. `null` is the person's wish that the variable be absent. */
export type Variables = ReadonlyMap<string, string | null>;

/** Reads a configuration's environment in whichever form it stands; what cannot be read is passed over. */
export function readEnvironment(field: unknown): Variables {
  const variables = new Map<string, string | null>();
  if (Array.isArray(field)) {
    for (const entry of field as readonly unknown[]) {
      if (typeof entry === "string") {
        const equals = entry.indexOf("=");
        if (equals > 0) variables.set(entry.slice(0, equals), entry.slice(equals + 1));
        else if (equals < 0) variables.set(entry, null);
      } else if (isRecord(entry) && typeof entry["name"] === "string") {
        variables.set(entry["name"], textOf(entry["value"]));
      }
    }
  } else if (isRecord(field)) {
    for (const [name, value] of Object.entries(field)) variables.set(name, textOf(value));
  }
  return variables;
}

/**
 * The environment with `additions` in it: they replace entries of the same name and stand last;
 * everything else stays as it is, in the form in which it stands.
 * @param form used where the configuration has no environment yet, or an empty list.
 */
export function writeEnvironment(
  field: unknown,
  form: EnvironmentForm,
  additions: ReadonlyMap<string, string>,
): unknown {
  switch (formOf(field) ?? form) {
    case "object":
      return { ...(isRecord(field) ? field : {}), ...Object.fromEntries(additions) };
    case "list":
      return [
        ...withoutNames(field, additions, (entry) =>
          typeof entry === "string" ? entry.split("=", 1)[0] : undefined,
        ),
        ...[...additions].map(([name, value]) => `${name}=${value}`),
      ];
    case "pairs":
      return [
        ...withoutNames(field, additions, (entry) => (isRecord(entry) ? entry["name"] : undefined)),
        ...[...additions].map(([name, value]) => ({ name, value })),
      ];
  }
}

function formOf(field: unknown): EnvironmentForm | undefined {
  if (isRecord(field)) return "object";
  if (!Array.isArray(field) || field.length === 0) return undefined;
  return typeof field[0] === "string" ? "list" : "pairs";
}

function withoutNames(
  field: unknown,
  names: ReadonlyMap<string, string>,
  nameOf: (entry: unknown) => unknown,
): readonly unknown[] {
  if (!Array.isArray(field)) return [];
  return field.filter((entry) => {
    const name = nameOf(entry);
    return typeof name !== "string" || !names.has(name);
  });
}

/** Numbers and booleans reach a program as text. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
