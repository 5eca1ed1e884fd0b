import { parseArgs } from "node:util";
import { formatDuration } from "../base/time.ts";
import { listServices, operationStatistics, type OperationStatistics } from "../engine/query/operations.ts";
import { complain, EXIT, Failure, printable, type ExitCode } from "./failure.ts";
import { formatOf, loadFile } from "./telemetry-file.ts";

/** `spanlight summary FILE`. */
export async function summary(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      "failed-in-pause": { type: "boolean", default: false },
      from: { type: "string" },
    },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new Failure(EXIT.usage, "summary takes one file");
  const { engine, problem } = await loadFile(file, formatOf(file, values.from));
  const { store, seriesStore, logStore } = engine;
  const operations = operationStatistics(store, { withFailedInPause: values["failed-in-pause"] });
  const facts = {
    traces: store.traceCount,
    spans: store.spanCount,
    services: listServices(store),
    errors: operations.reduce((sum, { errorCount }) => sum + errorCount, 0),
    leftOut: store.spanCount - operations.reduce((sum, { spanCount }) => sum + spanCount, 0),
    series: seriesStore.seriesCount,
    dataPoints: seriesStore.sampleCount,
    logRecords: logStore.count,
  };
  await engine.dispose();
  process.stdout.write(
    values.json ? `${JSON.stringify({ ...facts, operations }, undefined, 2)}\n` : textOf(facts, operations),
  );
  if (problem === undefined) return EXIT.done;
  complain(problem);
  return EXIT.input;
}

interface Facts {
  readonly traces: number;
  readonly spans: number;
  readonly services: readonly string[];
  readonly errors: number;
  /** Spans that failed because another process was paused: in no operation, and not among the errors. */
  readonly leftOut: number;
  readonly series: number;
  readonly dataPoints: number;
  readonly logRecords: number;
}

function textOf(facts: Facts, operations: readonly OperationStatistics[]): string {
  const { traces, spans, services, errors, leftOut, series, dataPoints, logRecords } = facts;
  const lines = [
    `${traces} traces, ${spans} spans, ${services.length} services, ${errors} errors`,
    ...(leftOut > 0 ? [`${leftOut} left out: failed while another process was paused`] : []),
    ...(dataPoints > 0 ? [`${series} series of metrics, ${dataPoints} data points`] : []),
    ...(logRecords > 0 ? [`${logRecords} log records`] : []),
  ];
  return `${lines.join("\n")}\n\n${operations.length > 0 ? table(operations) : ""}`;
}

const HEADINGS = ["SERVICE", "OPERATION", "SPANS", "ERRORS", "P50", "P95", "MAX"] as const;
/** Columns of text are on the left, of numbers on the right. */
const TEXT_COLUMNS = 2;
const MAX_CELL = 48;

function table(operations: readonly OperationStatistics[]): string {
  const rows = [HEADINGS, ...operations.map(cells)].map((row) => row.map(shortened));
  const widths = HEADINGS.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < TEXT_COLUMNS ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return rows.map((row) => `${line(row)}\n`).join("");
}

function cells(operation: OperationStatistics): string[] {
  const { service, name, spanCount, errorCount, p50Ns, p95Ns, maxNs } = operation;
  const durations = [p50Ns, p95Ns, maxNs].map((ns) => formatDuration(ns ?? Number.NaN));
  return [printable(service), printable(name), String(spanCount), String(errorCount), ...durations];
}

function shortened(cell: string): string {
  return cell.length > MAX_CELL ? `${cell.slice(0, MAX_CELL - 1)}…` : cell;
}
