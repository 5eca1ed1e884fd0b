import { onTestFinished } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "../../../src/engine/engine.ts";
import type { ReceiverPorts } from "../../../src/protocol/engine.ts";
import { TRACE } from "./otlp-request.ts";
import type { TraceId } from "../../../src/model/ids.ts";

export interface TestEngine {
  readonly engine: Engine;
  readonly ports: ReceiverPorts;
  readonly url: string;
}

/** An engine that listens on free ports until the test ends. */
export async function openTestEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const engine = createEngine(options);
  onTestFinished(() => engine.dispose());
  const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  return { engine, ports: opened.value, url: `http://127.0.0.1:${opened.value.http}` };
}

/** The names of a trace's spans, in the columns' order. */
export function spanNames(engine: Engine, traceId: string = TRACE): readonly string[] {
  const columns = engine.openTrace({ traceId: traceId as TraceId });
  return columns === undefined ? [] : [...columns.name].map((index) => columns.strings[index] ?? "");
}
