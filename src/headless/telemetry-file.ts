import { open, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { messageOf } from "../base/result.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { HEAD_BYTES, isRunFile } from "../engine/run-file/format.ts";
import { EXIT, Failure } from "./failure.ts";

/** `run` is a saved run (docs/run-file.md). */
export type FileFormat = "json" | "ndjson" | "protobuf" | "run";

export interface LoadedFile {
  /** Holds what was in the file, and nothing else. To be disposed. */
  readonly engine: Engine;
  /** What could not be read; undefined where everything was. */
  readonly problem: string | undefined;
}

/** More than a file that is read whole can hold. */
const MAX_BYTES = 16 * 2 ** 30;

const FORMATS: readonly FileFormat[] = ["json", "ndjson", "protobuf", "run"];
const FORMAT_OF_EXTENSION: Readonly<Record<string, FileFormat>> = {
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".pb": "protobuf",
  ".spanlight": "run",
};

/** The format that was named, or else that of the file's extension; undefined where that says nothing. */
export function formatOf(file: string, named: string | undefined): FileFormat | undefined {
  if (named === undefined) return FORMAT_OF_EXTENSION[extname(file).toLowerCase()];
  const format = FORMATS.find((name) => name === named);
  if (format === undefined) throw new Failure(EXIT.usage, `${named} is no format: ${FORMATS.join(", ")}`);
  return format;
}

/** Reads a file, whatever part of it can be read. Without a format it is told from the bytes. Nothing is masked. */
export async function loadFile(file: string, format: FileFormat | undefined): Promise<LoadedFile> {
  const engine = createEngine({ maxBytes: MAX_BYTES, redaction: { enabled: false, keys: [] } });
  const isRun = format === "run" || (format === undefined && (await beginsAsRun(file)));
  const message = isRun ? await restore(engine, file) : await importOtlp(engine, file, format);
  const { spanCount, evictedCount } = engine.store;
  const itemCount = spanCount + engine.logStore.count + engine.seriesStore.sampleCount;
  if (evictedCount + engine.logStore.evictedCount + engine.seriesStore.evictedCount > 0)
    throw new Failure(EXIT.input, `${file} holds more than fits into memory`);
  if (itemCount === 0) {
    const why = message === undefined ? "" : `: ${message}`;
    throw new Failure(EXIT.input, `${file} holds no spans, metrics or log records${why}`);
  }
  return { engine, problem: message === undefined ? undefined : `${file} was read in part: ${message}` };
}

/** What could not be read of it, where something could not. */
async function restore(engine: Engine, path: string): Promise<string | undefined> {
  const described = await engine.runFiles.describe({ path });
  if (!described.ok) throw new Failure(EXIT.input, sentenceOf(described.error));
  const numbers = described.value.runs.map(({ number }) => ({ from: number, to: number }));
  const restored = await engine.runFiles.restore({ path, numbers });
  if (!restored.ok) throw new Failure(EXIT.input, sentenceOf(restored.error));
  return restored.value.problems[0]?.message;
}

async function importOtlp(
  engine: Engine,
  file: string,
  format: FileFormat | undefined,
): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (thrown) {
    throw cannotRead(file, thrown);
  }
  // One object or one a line is told by the lines themselves.
  const encoding = format === "protobuf" ? "protobuf" : format === undefined ? undefined : "json";
  const { problem } = await engine.importTraces({ name: file, bytes, encoding });
  return problem === undefined || problem.code === "import-empty"
    ? undefined
    : problem.message.slice(`${file}: `.length);
}

async function beginsAsRun(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "r");
    try {
      const { buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return isRunFile(buffer);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw cannotRead(file, thrown);
  }
}

function cannotRead(file: string, thrown: unknown): Failure {
  return new Failure(EXIT.input, `${file} cannot be read: ${messageOf(thrown)}`);
}

function sentenceOf({ message, advice }: { readonly message: string; readonly advice?: string }): string {
  return advice === undefined ? message : `${message} ${advice}`;
}
