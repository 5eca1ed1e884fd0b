import { SPAN_STATES, type SpanState } from "../../src/model/span.ts";
import { PARENT_MISSING, type TraceColumns } from "../../src/model/trace.ts";

const RUNNING = SPAN_STATES.indexOf("running" satisfies SpanState);

/** What is said of a trace as a whole. */
export interface TraceFacts {
  readonly columns: TraceColumns;
  readonly serviceCount: number;
  /** Spans whose parent is named but missing. */
  readonly missingCount: number;
  readonly running: boolean;
}

export function traceFacts(columns: TraceColumns): TraceFacts {
  const isService = new Uint8Array(columns.strings.length);
  let serviceCount = 0;
  let missingCount = 0;
  for (let span = 0; span < columns.spanCount; span += 1) {
    const service = columns.service[span] ?? 0;
    if (isService[service] === 0) serviceCount += 1;
    isService[service] = 1;
    if (columns.parent[span] === PARENT_MISSING) missingCount += 1;
  }
  return { columns, serviceCount, missingCount, running: columns.state.includes(RUNNING) };
}
