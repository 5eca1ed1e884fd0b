import type { EnvironmentForm } from "./environment-field.ts";

/** What has to be known of a debug type to tell its program where to send its telemetry. */
export interface DebugType {
  /** The attribute of the launch configuration that holds the program's environment. */
  readonly field: "env" | "environment";
  /** The form its adapter understands, where the person's own configuration shows none. */
  readonly form: EnvironmentForm;
  /** Whether the program is one that the Node agent can be loaded into. */
  readonly node: boolean;
}

const object: DebugType = { field: "env", form: "object", node: false };
const node: DebugType = { field: "env", form: "object", node: true };
const pairs: DebugType = { field: "environment", form: "pairs", node: false };
// Older versions ignore an object without a word; later ones take both.
const list: DebugType = { field: "env", form: "list", node: false };

const DEBUG_TYPES: ReadonlyMap<string, DebugType> = new Map([
  ["node", node],
  ["pwa-node", node],
  ["node-terminal", node],
  ["python", object],
  ["debugpy", object],
  ["go", object],
  ["java", object],
  ["coreclr", object],
  ["cppdbg", pairs],
  ["cppvsdbg", pairs],
  ["lldb", object],
  ["lldb-dap", list],
  ["php", object],
  ["rdbg", object],
  ["ruby_lsp", object],
  ["dart", object],
]);

/** Undefined for a type whose way of taking an environment is not known: it is left alone. */
export function debugTypeOf(type: string): DebugType | undefined {
  return DEBUG_TYPES.get(type);
}
