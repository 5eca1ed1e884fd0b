import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { messageOf } from "../base/result.ts";
import { encodeTracesJson } from "../engine/query/encode-json.ts";
import { encodeTracesProtobuf } from "../engine/query/encode-protobuf.ts";
import type { SpanStore } from "../engine/store/span-store.ts";
import { complain, EXIT, Failure, type ExitCode } from "./failure.ts";
import { formatOf, loadTraces, type TraceFormat } from "./trace-file.ts";

/** `spanlight convert IN OUT`. What can be read is written even where the rest of the file is damaged. */
export async function convert(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { from: { type: "string" }, to: { type: "string" } },
  });
  const [input, output, ...rest] = positionals;
  if (input === undefined || output === undefined || rest.length > 0)
    throw new Failure(EXIT.usage, "convert takes two files, IN and OUT");
  const to = formatOf(output, values.to);
  if (to === undefined)
    throw new Failure(EXIT.usage, `the name ${output} tells no format; add --to json, ndjson or protobuf`);
  const { store, problem } = await loadTraces(input, formatOf(input, values.from));
  try {
    await writeFile(output, encode(store, to));
  } catch (thrown) {
    throw new Failure(EXIT.output, `${output} cannot be written: ${messageOf(thrown)}`);
  }
  if (problem === undefined) return EXIT.done;
  complain(problem);
  return EXIT.input;
}

const NEWLINE = 0x0a;

function encode(store: SpanStore, format: TraceFormat): Uint8Array {
  if (format === "protobuf") return encodeTracesProtobuf(store).protobuf;
  const { json } = encodeTracesJson(store);
  // Inside of strings JSON has no newline, so that all of them may go but the last.
  return format === "json" ? json : json.filter((byte, at) => byte !== NEWLINE || at === json.length - 1);
}
