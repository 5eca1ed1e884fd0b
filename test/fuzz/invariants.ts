import assert from "node:assert/strict";
import type { Engine } from "../../src/engine/engine.ts";
import type { SpanRow } from "../../src/model/ids.ts";
import { NO_STRING, PARENT_MISSING, type TraceColumns } from "../../src/model/trace.ts";

/** What has to be true of an engine whatever it was sent: its counts agree, and all of it can be opened, read and exported. */
export function checkEngine(engine: Engine): void {
  const { state } = engine;
  const list = engine.listTraces({ filter: { text: "" }, limit: 20 });
  assert.equal(list.totalCount, state.traceCount, "the list's total");
  assert.equal(list.matchingCount, state.traceCount, "an empty search matches all");
  assert.equal(list.traces.length, Math.min(20, state.traceCount), "the list's length");
  assert.equal(list.spanCount, state.spanCount, "the list's spans");
  assert.ok(state.bytes <= state.maxBytes, `${state.bytes} of ${state.maxBytes} bytes`);
  for (const summary of list.traces) {
    const columns = engine.openTrace({ traceId: summary.traceId });
    assert.ok(columns !== undefined, "a listed trace opens");
    assert.equal(columns.spanCount, summary.spanCount, "spans of a trace");
    checkColumns(columns);
    for (const row of columns.row.subarray(0, 8)) {
      const span = engine.readSpan({ row: row as SpanRow });
      assert.equal(span?.traceId, summary.traceId, "a row is read");
    }
  }
  const { json, spanCount } = engine.exportTraces({});
  assert.equal(spanCount, state.spanCount, "all spans are exported");
  JSON.parse(Buffer.from(json).toString());
}

/** Parents stand before their children, depths grow by one, and every number into the strings leads to one. */
function checkColumns(columns: TraceColumns): void {
  const { spanCount, parent, depth, strings } = columns;
  for (const column of [columns.row, columns.start, columns.end, parent, depth, columns.name, columns.kind]) {
    assert.equal(column.length, spanCount, "columns have one length");
  }
  assert.equal(new Set(columns.row).size, spanCount, "no row twice");
  for (let index = 0; index < spanCount; index++) {
    const above = parent[index] ?? 0;
    assert.ok(above >= PARENT_MISSING && above < index, "a parent stands before its child");
    assert.equal(depth[index], above < 0 ? 0 : (depth[above] ?? 0) + 1, "a child is one deeper");
    assert.ok((columns.start[index] ?? -1) >= 0, "nothing starts before its trace");
    assert.ok((columns.name[index] ?? strings.length) < strings.length, "a name");
    assert.ok((columns.service[index] ?? strings.length) < strings.length, "a service");
    const path = columns.path[index] ?? 0;
    assert.ok(path === NO_STRING || path < strings.length, "a path");
    assert.ok((columns.kind[index] ?? 9) <= 5 && (columns.status[index] ?? 9) <= 2, "kind and status");
  }
}
