import { NO_STRING, type TraceColumns } from "../../src/model/trace.ts";

/** What a span is about whose name does not tell; undefined where it does. */
export function subjectOf(columns: TraceColumns, span: number): string | undefined {
  return columns.strings[columns.subject?.[span] ?? NO_STRING];
}

/** A span's name as it is shown, with what it is about: `POST payment`. */
export function spanLabel(columns: TraceColumns, span: number): string {
  const name = columns.strings[columns.name[span] ?? 0] ?? "";
  const subject = subjectOf(columns, span);
  return subject === undefined ? name : `${name} ${subject}`;
}
