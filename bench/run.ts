import { suites } from "./suites.ts";
import type { Row } from "./row.ts";
import { messageOf } from "../src/base/result.ts";

/**
 * `npm run bench [-- SUITE…] [--quick] [--json]`: measures and prints a table; with `--json` one JSON document
 * and nothing else on standard output. A suite that cannot run here says why on standard error.
 */
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const quick = process.argv.includes("--quick");
const asJson = process.argv.includes("--json");
const chosen = suites.filter(
  (suite) => names.length === 0 || names.some((name) => suite.title.includes(name)),
);

// What a suite starts may print; with --json that must not stand beside the document.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const all: Row[] = [];
for (const suite of chosen) {
  try {
    const rows = await suite.run({ quick });
    all.push(...rows);
    if (!asJson) print(`${table(suite.title, rows)}\n\n`);
  } catch (thrown) {
    process.stderr.write(`${suite.title}: not measured: ${messageOf(thrown)}\n`);
  }
}
if (asJson) print(`${JSON.stringify(all, undefined, 1)}\n`);

function table(title: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    `${readable(row.value)} ${row.unit}`,
    budgetOf(row),
    verdictOf(row),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0), 0));
  const body = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  "),
  );
  return [title, ...body.map((line) => `  ${line.trimEnd()}`)].join("\n");
}

function budgetOf(row: Row): string {
  if (row.budget === undefined) return "";
  return `${row.better === "lower" ? "at most" : "at least"} ${readable(row.budget)}`;
}

function verdictOf(row: Row): string {
  return row.holds === undefined ? "" : row.holds ? "holds" : "MISSED";
}

function readable(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
