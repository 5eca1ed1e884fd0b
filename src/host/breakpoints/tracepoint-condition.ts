import { Script } from "node:vm";

/** What a tracepoint records. */
export interface Tracepoint {
  /** Name of the event on the active span. */
  readonly label: string;
  /** An expression in the file's language. */
  readonly expression: string;
}

/** The languages in which a breakpoint's condition can record. */
export type TracepointLanguage = "node" | "python";

const LANGUAGES: ReadonlyMap<string, TracepointLanguage> = new Map([
  ["javascript", "node"],
  ["javascriptreact", "node"],
  ["typescript", "node"],
  ["typescriptreact", "node"],
  ["python", "python"],
]);

/** The way to record in a file, by VS Code's language identifier; undefined where there is none. */
export function tracepointLanguage(languageId: string): TracepointLanguage | undefined {
  return LANGUAGES.get(languageId);
}

const NODE_START = 'globalThis[Symbol.for("spanlight.agent")]?.record(';
const NODE_MIDDLE = ", () => (";
const NODE_END = ")) ?? false";

/** What was compiled is kept: that is two thirds of the cost otherwise. */
const PYTHON_START =
  "exec((lambda kept, text: kept.get(text) or kept.setdefault(text, compile(text, '<spanlight>', 'exec')))" +
  "(__import__('sys').__dict__.setdefault('_spanlight', {}), ";
const PYTHON_END = "), {**globals(), **locals()})";
/** The first line tells it from other conditions. The value is a number or a bool as it is, else its text. */
const pythonProgram = (label: string, expression: string): string =>
  [
    `# spanlight ${JSON.stringify([label, expression])}`,
    "try:",
    " from opentelemetry.trace import get_current_span as _span",
    " try:",
    `  _value = eval(${JSON.stringify(expression)})`,
    `  _told = {'value': _value if isinstance(_value, (bool, int, float)) else str(_value)[:4096]}`,
    " except Exception as _error: _told = {'error': repr(_error)[:4096]}",
    ` _span().add_event(${JSON.stringify(label)}, _told)`,
    "except Exception: pass",
  ].join("\n");

/**
 * A breakpoint's condition that records and is false. For Node our agent does both. For Python one expression has to catch
 * errors, which only statements can: `exec` runs them, and answers None.
 */
export function tracepointCondition({ label, expression }: Tracepoint, language: TracepointLanguage): string {
  return language === "node"
    ? `${NODE_START}${JSON.stringify(label)}${NODE_MIDDLE}${expression}${NODE_END}`
    : `${PYTHON_START}${JSON.stringify(pythonProgram(label, expression))}${PYTHON_END}`;
}

/**
 * Why nothing could be recorded with an expression; undefined where there is no reason. Python reads its expression when the
 * line runs, and tells what is wrong with it on the event.
 */
export function problemOfExpression(text: string, language: TracepointLanguage): string | undefined {
  const expression = text.trim();
  if (expression === "" || language === "python") return undefined;
  try {
    new Script(tracepointCondition({ label: expression, expression }, language));
    return undefined;
  } catch (thrown) {
    return thrown instanceof SyntaxError ? thrown.message : undefined;
  }
}

/** Reads a condition back; undefined where it is somebody else's. */
export function parseTracepoint(condition: string | undefined): Tracepoint | undefined {
  if (condition?.startsWith(NODE_START) === true && condition.endsWith(NODE_END)) {
    const inner = condition.slice(NODE_START.length, -NODE_END.length);
    const label = /^"(?:[^"\\]|\\.)*"/.exec(inner)?.[0];
    if (label === undefined || !inner.startsWith(NODE_MIDDLE, label.length)) return undefined;
    return { label: String(parseJson(label)), expression: inner.slice(label.length + NODE_MIDDLE.length) };
  }
  if (condition?.startsWith(PYTHON_START) !== true || !condition.endsWith(PYTHON_END)) return undefined;
  const program = parseJson(condition.slice(PYTHON_START.length, -PYTHON_END.length));
  const told = typeof program === "string" ? /^# spanlight (.*)$/m.exec(program)?.[1] : undefined;
  const parts = told === undefined ? undefined : parseJson(told);
  if (!Array.isArray(parts)) return undefined;
  const [label, expression] = parts as readonly unknown[];
  return typeof label === "string" && typeof expression === "string" ? { label, expression } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
