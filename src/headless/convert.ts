import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { messageOf } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import { encodeTracesJson } from "../engine/query/encode-json.ts";
import { encodeLogsJson } from "../engine/query/encode-logs-json.ts";
import { encodeLogsProtobuf } from "../engine/query/encode-logs-protobuf.ts";
import { encodeMetricsJson } from "../engine/query/encode-metrics-json.ts";
import { encodeMetricsProtobuf } from "../engine/query/encode-metrics-protobuf.ts";
import { encodeTracesProtobuf } from "../engine/query/encode-protobuf.ts";
import { complain, EXIT, Failure, type ExitCode } from "./failure.ts";
import { formatOf, loadFile, type FileFormat } from "./telemetry-file.ts";

type Signal = "traces" | "metrics" | "logs";
const SIGNALS: readonly Signal[] = ["traces", "metrics", "logs"];

/** `spanlight convert IN OUT`. What can be read is written even where the rest of the file is damaged. */
export async function convert(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { from: { type: "string" }, to: { type: "string" }, signal: { type: "string" } },
  });
  const [input, output, ...rest] = positionals;
  if (input === undefined || output === undefined || rest.length > 0)
    throw new Failure(EXIT.usage, "convert takes two files, IN and OUT");
  const to = formatOf(output, values.to);
  if (to === undefined)
    throw new Failure(
      EXIT.usage,
      `the name ${output} tells no format; add --to json, ndjson, protobuf or run`,
    );
  const only = signalOf(values.signal);
  if (only !== undefined && to === "run")
    throw new Failure(EXIT.usage, "a saved run holds all signals; --signal is for the other formats");
  const { engine, problem } = await loadFile(input, formatOf(input, values.from));
  await write(engine, output, to, only);
  await engine.dispose();
  if (problem === undefined) return EXIT.done;
  complain(problem);
  return EXIT.input;
}

function signalOf(named: string | undefined): Signal | undefined {
  const signal = SIGNALS.find((name) => name === named);
  if (named !== undefined && signal === undefined)
    throw new Failure(EXIT.usage, `${named} is no signal: ${SIGNALS.join(", ")}`);
  return signal;
}

async function write(
  engine: Engine,
  output: string,
  to: FileFormat,
  only: Signal | undefined,
): Promise<void> {
  if (to === "run") {
    const saved = await engine.runFiles.save({ path: output });
    if (!saved.ok) throw new Failure(EXIT.output, saved.error.message);
    return;
  }
  const held = SIGNALS.filter((signal) => countOf(engine, signal) > 0);
  const signals = only === undefined ? held : held.filter((signal) => signal === only);
  const bytes = to === "protobuf" ? protobufOf(engine, signals) : jsonOf(engine, signals, to);
  try {
    await writeFile(output, bytes);
  } catch (thrown) {
    throw new Failure(EXIT.output, `${output} cannot be written: ${messageOf(thrown)}`);
  }
}

function countOf({ store, seriesStore, logStore }: Engine, signal: Signal): number {
  if (signal === "traces") return store.spanCount;
  return signal === "metrics" ? seriesStore.sampleCount : logStore.count;
}

/** A file of protobuf is one message, and each signal has its own. */
function protobufOf(engine: Engine, signals: readonly Signal[]): Uint8Array {
  const [signal, second] = signals;
  if (second !== undefined)
    throw new Failure(
      EXIT.usage,
      `protobuf holds one signal, and there are ${signals.join(" and ")}; add --signal, or write .ndjson`,
    );
  if (signal === "metrics") return encodeMetricsProtobuf(engine.seriesStore).protobuf;
  return signal === "logs"
    ? encodeLogsProtobuf(engine.logStore).protobuf
    : encodeTracesProtobuf(engine.store).protobuf;
}

const NEWLINE = 0x0a;
const CLOSING_BRACE = 0x7d;

/** One line a signal, or one object with a field for each. */
function jsonOf(engine: Engine, signals: readonly Signal[], to: "json" | "ndjson"): Uint8Array {
  const objects = (signals.length === 0 ? (["traces"] as const) : signals).map((signal) =>
    objectOf(engine, signal),
  );
  if (to === "json") return joined(objects);
  // Inside of strings JSON has no newline, so that all of them may go but the last.
  return Buffer.concat(
    objects.map((json) => json.filter((byte, at) => byte !== NEWLINE || at === json.length - 1)),
  );
}

function objectOf({ store, seriesStore, logStore }: Engine, signal: Signal): Uint8Array {
  if (signal === "traces") return encodeTracesJson(store).json;
  return signal === "metrics" ? encodeMetricsJson(seriesStore).json : encodeLogsJson(logStore).json;
}

/** The fields of all objects in one. */
function joined(objects: readonly Uint8Array[]): Uint8Array {
  const parts = objects.flatMap((json, index) => {
    const end = index === objects.length - 1 ? json.length : json.lastIndexOf(CLOSING_BRACE);
    return index === 0 ? [json.subarray(0, end)] : [Buffer.from(","), json.subarray(1, end)];
  });
  return Buffer.concat(parts);
}
