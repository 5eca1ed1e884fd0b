import { clauseFor } from "../../model/search-clause.ts";
import { enclosingFunction, type FunctionSymbol } from "./enclosing-function.ts";
import { lineWords } from "./note-words.ts";
import { groupedBy, type NotedOperation } from "./noted-operations.ts";

/** The lens over a function, or over a line where a function has several. Lines from 0. */
export interface NotedFunction {
  /** The line that the lens stands over. */
  readonly line: number;
  readonly firstLine: number;
  readonly lastLine: number;
  /** The function's name; undefined where the language's symbols tell of none. */
  readonly name: string | undefined;
  readonly operations: readonly NotedOperation[];
}

/** What stands beside the text of a line, from 0. */
export interface LineNote {
  readonly line: number;
  readonly text: string;
}

/**
 * The lenses of a file. A function has that of the requests that it takes, else of the work that it is; what is at a
 * line of its own within a function stands over that line.
 */
export function notedFunctions(
  operations: readonly NotedOperation[],
  symbols: readonly FunctionSymbol[],
  kinds: ReadonlySet<number>,
): readonly NotedFunction[] {
  const lines = groupedBy(
    operations.filter(({ entry }) => entry.role !== "calls" && entry.role !== "throws"),
    ({ line }) => line,
  );
  const placed = [...lines].map(([line, there]) => {
    // Frameworks' own spans stand at the handler's line as well, and tell the same once more.
    const handling = there.filter(({ entry }) => entry.role === "handles");
    const handles = handling.length > 0;
    const around = enclosingFunction(symbols, line, kinds);
    return { line, operations: handles ? handling : there, handles, around };
  });
  const ofFunction = groupedBy(placed, ({ around }) => around);
  return placed
    .map((one): NotedFunction => {
      const { line, around } = one;
      const rivals = ofFunction.get(around)?.filter(({ handles }) => handles) ?? [];
      const heads = rivals.length > 0 ? rivals : (ofFunction.get(around) ?? []);
      const { operations: there } = one;
      if (around === undefined || heads.length !== 1 || heads[0] !== one)
        return { line, firstLine: line, lastLine: line, name: undefined, operations: there };
      const { start, end } = around.range;
      return {
        line: start.line,
        firstLine: start.line,
        lastLine: end.line,
        name: around.name,
        operations: there,
      };
    })
    .sort((one, other) => one.line - other.line);
}

/** The notes at the ends of the lines that make calls. */
export function lineNotes(operations: readonly NotedOperation[]): readonly LineNote[] {
  const calls = groupedBy(
    operations.filter(({ entry }) => entry.role === "calls"),
    ({ line }) => line,
  );
  return [...calls].map(([line, there]) => ({ line, text: lineWords(there) }));
}

/** The lines that have errors. */
export function errorLines(operations: readonly NotedOperation[]): readonly number[] {
  const failing = operations.filter(({ entry }) => entry.errorCount > 0);
  return [...new Set(failing.map(({ line }) => line))];
}

/** A part of a file by the path and the lines that traces have of it, from 1, so that they can be filtered by it. */
export interface ReceivedPlace {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/**
 * Lines from 0, both included, as the attributes of spans know them; undefined where these know none. Of several paths,
 * the most frequent.
 */
export function receivedPlace(
  operations: readonly NotedOperation[],
  firstLine: number,
  lastLine: number,
): ReceivedPlace | undefined {
  const inside = operations.filter(
    ({ line, entry }) => line >= firstLine && line <= lastLine && entry.evidence === "attributes",
  );
  const paths = [...groupedBy(inside, ({ entry }) => entry.path)].map(([path, there]) => ({
    path,
    lines: there.map(({ entry }) => entry.line),
    count: there.reduce((count, { entry }) => count + entry.count, 0),
  }));
  const [most] = paths.sort((one, other) => other.count - one.count);
  if (most === undefined) return undefined;
  return {
    path: most.path,
    firstLine: most.lines.reduce((least, line) => Math.min(least, line), Infinity),
    lastLine: most.lines.reduce((last, line) => Math.max(last, line), 0),
  };
}

/** What finds the traces of operations whose place no attribute tells: of the most frequent one in these lines. */
export function searchTextOf(
  operations: readonly NotedOperation[],
  firstLine: number,
  lastLine: number,
): string | undefined {
  const [most] = operations
    .filter(({ line, entry }) => line >= firstLine && line <= lastLine && entry.operation !== "")
    .sort((one, other) => other.entry.count - one.entry.count);
  if (most === undefined) return undefined;
  const { service, operation } = most.entry;
  return `${service === "" ? "" : `${clauseFor("service", service)} `}${clauseFor("name", operation)}`;
}
