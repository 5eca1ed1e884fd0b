import { formatDuration } from "../../base/time.ts";
import type { CodeIndexEntry } from "../../model/code-index.ts";
import { groupedBy, type NotedOperation } from "./noted-operations.ts";

/** `38× · p50 41 ms · p95 312 ms ▲ 2.1× since the last run · 1 error` */
export function lensWords({ entry, slowdown }: NotedOperation): string {
  const { count, errorCount, p50Ns, p95Ns } = entry;
  const parts = [times(count)];
  if (p50Ns === undefined || p95Ns === undefined) parts.push("running");
  else if (count === 1) parts.push(formatDuration(p50Ns));
  else parts.push(`p50 ${formatDuration(p50Ns)}`, `p95 ${formatDuration(p95Ns)}${changeWords(slowdown)}`);
  return [...parts, ...errorWords(errorCount), ...evidenceWords(entry)].join(" · ");
}

/** A guess is told to be one. */
export function evidenceWords({ evidence, role }: CodeIndexEntry): readonly string[] {
  if (role === "throws") return ["thrown here"];
  return evidence === "lookup" ? ["looked up"] : [];
}

/** What tells operations at one line apart: their names, or their services where these are the same. */
export function operationNames(operations: readonly NotedOperation[]): readonly string[] {
  const names = operations.map(({ entry }) => shortened(entry.operation, MAX_NAME_LENGTH));
  if (operations.length < 2) return names.map(() => "");
  if (new Set(names).size === names.length) return names;
  return operations.map(
    ({ entry }, at) => `${shortened(entry.service, MAX_NAME_LENGTH)}: ${names[at] ?? ""}`,
  );
}

/**
 * The calls at one line: `12× · 1.8 ms each · 2 errors`. Where they are several operations, as of a pool that connects
 * before it queries, they are not counted together: the note names the one that took the most time, and has its figures.
 */
export function lineWords(operations: readonly NotedOperation[]): string {
  const named = [...groupedBy(operations, ({ entry }) => entry.operation).values()];
  const [main = []] = named.toSorted((one, other) => timeOf(other) - timeOf(one));
  const name = named.length > 1 ? [shortened(main[0]?.entry.operation ?? "", MAX_NOTED_NAME_LENGTH)] : [];
  const ended = main.filter(({ entry }) => entry.p50Ns !== undefined);
  const weight = sum(ended, ({ entry }) => entry.count);
  const count = sum(main, ({ entry }) => entry.count);
  const each = count === 1 ? "" : " each";
  const duration = weight === 0 ? "running" : `${formatDuration(timeOf(ended) / weight)}${each}`;
  const errors = errorWords(sum(operations, ({ entry }) => entry.errorCount));
  return [...name, times(count), duration, ...errors].join(" · ");
}

/** Roughly, in nanoseconds. What only runs so far is what a person waits for: it counts before all others. */
export function timeOf(operations: readonly NotedOperation[]): number {
  if (operations.every(({ entry }) => entry.p50Ns === undefined)) return Infinity;
  return sum(operations, ({ entry }) => entry.count * (entry.p50Ns ?? 0));
}

/** ` ▲ 2.1× since the last run`; empty where little has changed. */
export function changeWords(slowdown: number | undefined): string {
  if (slowdown === undefined) return "";
  if (slowdown >= TOLD_CHANGE) return ` ▲ ${factor(slowdown)} since the last run`;
  if (slowdown <= 1 / TOLD_CHANGE) return ` ▼ ${factor(1 / slowdown)} since the last run`;
  return "";
}

export function errorWords(count: number): readonly string[] {
  return count === 0 ? [] : [count === 1 ? "1 error" : `${count.toLocaleString("en")} errors`];
}

export function times(count: number): string {
  return `${count.toLocaleString("en")}×`;
}

/** One line of a text that may be of any length. */
export function shortened(text: string, length: number): string {
  const line = text
    .slice(0, 10 * length)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Programs vary that much by themselves. */
const TOLD_CHANGE = 1.25;
const MAX_NAME_LENGTH = 60;
/** A note stands beside code. */
const MAX_NOTED_NAME_LENGTH = 40;

function factor(ratio: number): string {
  return `${ratio >= 9.95 ? Math.round(ratio).toLocaleString("en") : ratio.toFixed(1)}×`;
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
