import { DisposableList, type Disposable } from "../base/dispose.ts";
import type { Connection } from "../protocol/connection.ts";
import { findSpans, listCodeSources, listTraces, openTrace, readCodeIndex } from "../protocol/engine.ts";
import { CodeIndex, programTimeIn } from "./query/code-index.ts";
import { findSpansSliced } from "./query/find-spans.ts";
import { listTracesSliced } from "./query/list-traces.ts";
import { openTraceSliced } from "./query/open-trace.ts";
import { runInSlices } from "./query/slices.ts";
import type { SpanStore } from "./store/span-store.ts";

/**
 * Answers the questions that take long where much is held. They are worked out in slices, so that what arrives is
 * received meanwhile, and given up when nobody waits for the answer any more.
 *
 * @param now milliseconds since the epoch, from which ages in search texts count back
 */
export function serveQueries(store: SpanStore, connection: Connection, now: () => number): Disposable {
  const codeIndex = new CodeIndex(store);
  // Hardly ever asked: it reads the rows with the first question.
  const withFailed = new CodeIndex(store, programTimeIn(store, true));
  const served = new DisposableList();
  served.add(
    connection.handle(listTraces, (query, signal) =>
      runInSlices(listTracesSliced(store, query, now()), signal),
    ),
  );
  served.add(
    connection.handle(openTrace, ({ traceId, unlessVersion }, signal) =>
      runInSlices(openTraceSliced(store, traceId, unlessVersion), signal),
    ),
  );
  served.add(
    connection.handle(findSpans, ({ traceId, text }, signal) =>
      runInSlices(findSpansSliced(store, traceId, text, now()), signal),
    ),
  );
  served.add(
    connection.handle(readCodeIndex, ({ withFailedInPause = false, ...query }, signal) =>
      runInSlices((withFailedInPause ? withFailed : codeIndex).read(query), signal),
    ),
  );
  served.add(connection.handle(listCodeSources, (_, signal) => runInSlices(codeIndex.sources(), signal)));
  return served;
}
