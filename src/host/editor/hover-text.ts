import { formatDuration } from "../../base/time.ts";
import type { TraceId } from "../../model/ids.ts";
import type { Attribute, Span } from "../../model/span.ts";
import { changeWords, errorWords, evidenceWords, shortened, times } from "./note-words.ts";
import type { NotedOperation } from "./noted-operations.ts";

/** The commands that a hover's links may run. */
export const SHOW_FUNCTION = "spanlight.showTracesOfFunction";
export const SHOW_TRACE = "spanlight.showTrace";

/** A line of a document of the editor, from 0: what {@link SHOW_FUNCTION} may be given. Nothing in it was received. */
export interface CodeLine {
  readonly uri: string;
  readonly line: number;
  /** What the lens over this line is of, rather than the function around it. */
  readonly lens?: true;
}

/** Operations that a hover has room for. */
const MAX_OPERATIONS = 5;
const MAX_MESSAGE_LENGTH = 300;

/**
 * The Markdown of a hover: what is known of the operations at a line, and the ways to their traces.
 * @param messageOf the message of an operation's last error, where there is one.
 */
export function hoverText(
  operations: readonly NotedOperation[],
  place: CodeLine,
  runName: (run: number) => string,
  messageOf: (operation: NotedOperation) => string | undefined,
): string {
  const shown = operations.slice(0, MAX_OPERATIONS).map((operation) => {
    const { entry, slowdown } = operation;
    const { count, errorCount, p50Ns, p95Ns } = entry;
    const figures = [
      times(count),
      ...(p50Ns === undefined || p95Ns === undefined
        ? ["running"]
        : [`p50 ${formatDuration(p50Ns)}`, `p95 ${formatDuration(p95Ns)}${changeWords(slowdown)}`]),
      ...errorWords(errorCount),
      ...evidenceWords(entry),
    ];
    const where = [entry.service, runName(entry.run)].filter((word) => word !== "");
    const message = messageOf(operation);
    return [
      `**${escaped(entry.operation, 120)}**${where.map((word) => ` · ${escaped(word, 60)}`).join("")}`,
      figures.join(" · "),
      ...(message === undefined ? [] : [`Last error: ${escaped(message, MAX_MESSAGE_LENGTH)}`]),
      linksOf(entry.lastTraceId, entry.slowestTraceId),
    ].join("  \n");
  });
  const more = operations.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`and ${more} more`] : []),
    link("Show Traces of This Function", SHOW_FUNCTION, place),
  ].join("\n\n");
}

/** What a failed span says of its failure. */
export function errorMessageOf({
  attributes,
  events,
  statusMessage,
}: Pick<Span, "attributes" | "events" | "statusMessage">): string | undefined {
  const exception = events.findLast(({ name }) => name === "exception")?.attributes ?? [];
  const message = textOf(exception, "exception.message");
  const type = textOf(exception, "exception.type");
  if (message !== undefined) return type === undefined ? message : `${type}: ${message}`;
  return statusMessage === "" ? (type ?? textOf(attributes, "error.type")) : statusMessage;
}

function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function linksOf(last: TraceId, slowest: TraceId | undefined): string {
  const links = [link("Last trace", SHOW_TRACE, last)];
  if (slowest !== undefined && slowest !== last) links.push(link("Slowest trace", SHOW_TRACE, slowest));
  return links.join(" · ");
}

function link(title: string, command: string, argument: unknown): string {
  // encodeURIComponent leaves parentheses as they are, which would end the link.
  const query = encodeURIComponent(JSON.stringify([argument])).replace(
    /[()']/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `[${title}](command:${command}?${query})`;
}

/** Received text as Markdown that reads as that very text: no markup, links, HTML or icons. */
function escaped(text: string, length: number): string {
  return shortened(text, length)
    .replace(/[!-/:-@[-`{-~]/g, "\\$&")
    .replace(/\\</g, "&lt;")
    .replace(/\\&/g, "&amp;");
}
