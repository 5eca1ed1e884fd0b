import { DisposableList, type Disposable } from "../base/dispose.ts";
import type { Connection } from "../protocol/connection.ts";
import {
  clearStore,
  closeLog,
  closeReceiver,
  closeSession,
  completeSearch,
  configureEngine,
  exportTraces,
  findSpans,
  importTraces,
  listTraces,
  openLog,
  openReceiver,
  openSession,
  openTrace,
  pinTrace,
  problemFound,
  readSpan,
  readState,
  stateChanged,
  tracesChanged,
} from "../protocol/engine.ts";
import type { Engine } from "./engine.ts";

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
  served.add(connection.handle(listTraces, (params) => engine.listTraces(params)));
  served.add(connection.handle(openTrace, (params) => engine.openTrace(params)));
  served.add(connection.handle(readSpan, (params) => engine.readSpan(params)));
  served.add(connection.handle(completeSearch, (params) => engine.completeSearch(params)));
  served.add(connection.handle(findSpans, (params) => engine.findSpans(params)));
  served.add(connection.handle(pinTrace, (params) => engine.pinTrace(params)));
  served.add(connection.handle(clearStore, (params) => engine.clearStore(params)));
  served.add(connection.handle(exportTraces, (params) => engine.exportTraces(params)));
  served.add(connection.handle(importTraces, (params) => engine.importTraces(params)));
  served.add(connection.handle(readState, () => engine.state));
  served.add(engine.onTracesChanged((change) => connection.emit(tracesChanged, change)));
  served.add(engine.onStateChanged((state) => connection.emit(stateChanged, state)));
  served.add(
    engine.onProblemFound((problem) => connection.emit(problemFound, { advice: undefined, ...problem })),
  );
  return served;
}
