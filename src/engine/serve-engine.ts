import { DisposableList, type Disposable } from "../base/dispose.ts";
import type { Connection } from "../protocol/connection.ts";
import {
  clearStore,
  closeLog,
  closeReceiver,
  closeSession,
  completeSearch,
  configureEngine,
  importTraces,
  openLog,
  openReceiver,
  openSession,
  pinTrace,
  problemFound,
  readSpan,
  readState,
  recordPauses,
  stateChanged,
  tracesChanged,
} from "../protocol/engine.ts";
import { listLogs } from "../protocol/logs.ts";
import { listSeries, readSeries } from "../protocol/metrics.ts";
import { guessActiveSpan, listUnfinished, noteActiveSpan } from "../protocol/active-span.ts";
import { setSpanBreakpoints, slowSpanFound } from "../protocol/breakpoints.ts";
import {
  configureBackup,
  describeRuns,
  restoreRuns,
  runFileProgressed,
  saveRuns,
  saveTraces,
} from "../protocol/run-file.ts";
import type { Engine } from "./engine.ts";
import { serveQueries } from "./serve-queries.ts";

/** Answers an engine's requests on a link and tells its events there. Disposing ends that, not the engine. */
export function serveEngine(engine: Engine, connection: Connection): Disposable {
  const served = new DisposableList();
  served.add(connection.handle(openLog, (params) => engine.openLog(params)));
  served.add(connection.handle(closeLog, () => engine.closeLog()));
  served.add(connection.handle(openReceiver, (params) => engine.openReceiver(params)));
  served.add(connection.handle(closeReceiver, () => engine.closeReceiver()));
  served.add(connection.handle(openSession, (params) => engine.openSession(params)));
  served.add(connection.handle(closeSession, (params) => engine.closeSession(params)));
  served.add(connection.handle(configureEngine, (params) => engine.configure(params)));
  served.add(serveQueries(engine.store, connection, engine.now));
  served.add(connection.handle(readSpan, (params) => engine.readSpan(params)));
  served.add(connection.handle(completeSearch, (params) => engine.completeSearch(params)));
  served.add(connection.handle(recordPauses, ({ pauses }) => engine.recordPauses(pauses)));
  served.add(connection.handle(listLogs, (params, signal) => engine.listLogs(params, signal)));
  served.add(connection.handle(listSeries, (params) => engine.listSeries(params)));
  served.add(connection.handle(readSeries, (params) => engine.readSeries(params)));
  served.add(connection.handle(pinTrace, (params) => engine.pinTrace(params)));
  served.add(connection.handle(clearStore, (params) => engine.clearStore(params)));
  served.add(connection.handle(importTraces, (params) => engine.importTraces(params)));
  served.add(connection.handle(noteActiveSpan, (params) => engine.noteActiveSpan(params)));
  served.add(connection.handle(guessActiveSpan, (params) => engine.guessActiveSpan(params)));
  served.add(connection.handle(listUnfinished, (params) => engine.listUnfinished(params)));
  const { runFiles, spanBreakpoints } = engine;
  served.add(connection.handle(setSpanBreakpoints, ({ breakpoints }) => spanBreakpoints.set(breakpoints)));
  served.add(spanBreakpoints.onSlowSpan((span) => connection.emit(slowSpanFound, span)));
  served.add(connection.handle(saveRuns, (params, signal) => runFiles.save(params, signal)));
  served.add(connection.handle(saveTraces, (params, signal) => runFiles.saveTraces(params, signal)));
  served.add(connection.handle(describeRuns, (params) => runFiles.describe(params)));
  served.add(connection.handle(restoreRuns, (params, signal) => runFiles.restore(params, signal)));
  served.add(connection.handle(configureBackup, (params) => runFiles.configureBackup(params)));
  served.add(runFiles.onProgressed((progress) => connection.emit(runFileProgressed, progress)));
  served.add(connection.handle(readState, () => engine.state));
  served.add(engine.onTracesChanged((change) => connection.emit(tracesChanged, change)));
  served.add(engine.onStateChanged((state) => connection.emit(stateChanged, state)));
  served.add(
    engine.onProblemFound((problem) => connection.emit(problemFound, { advice: undefined, ...problem })),
  );
  return served;
}
