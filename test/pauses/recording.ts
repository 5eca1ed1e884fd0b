/** One message between VS Code (or another client) and a debug adapter, as a DebugAdapterTracker sees it. */
export interface RecordedMessage {
  /** Milliseconds since the epoch, with a fraction. */
  readonly atMs: number;
  /** `runtime` marks what V8 said to js-debug, overheard. */
  readonly to: "adapter" | "client" | "runtime";
  /** The debugger's session, where an adapter has several. */
  readonly session?: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** What an adapter said and was asked in one scenario. */
export interface Recording {
  readonly adapter: string;
  readonly version: string;
  readonly scenario: string;
  /** Names of sessions, by the id in the messages. */
  readonly sessions?: Readonly<Record<string, string>>;
  readonly messages: readonly RecordedMessage[];
}

type Fields = Readonly<Record<string, unknown>>;

/** What stays of a message's body; of all others only the head stays. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  stopped: ["reason", "threadId", "allThreadsStopped"],
  continued: ["threadId", "allThreadsContinued"],
  thread: ["reason", "threadId"],
  process: ["systemProcessId", "startMethod"],
  exited: ["exitCode"],
  terminated: ["restart"],
  continue: ["allThreadsContinued"],
  threads: ["threads"],
  stackTrace: ["stackFrames"],
};
const QUIET = new Set(["loadedSource", "module", "output", "breakpoint", "telemetry"]);

/** A message without what has nothing to do with pauses, and without the paths of the machine; undefined for noise. */
export function trimmed(message: Fields, folder: string): Fields | undefined {
  const { type, seq, request_seq, command, event, success } = message;
  const name = String(event ?? command);
  if (type === "event" && (QUIET.has(name) || !(name in KEPT))) return undefined;
  const body = message["body"] as Fields | undefined;
  const given = message["arguments"] as Fields | undefined;
  const kept = {
    type,
    seq,
    ...(request_seq !== undefined && { request_seq }),
    ...(command !== undefined && { command }),
    ...(event !== undefined && { event }),
    ...(success !== undefined && { success }),
    ...(type === "request" &&
      given !== undefined && { arguments: pick(given, ["threadId", "singleThread"]) }),
    ...(type !== "request" && body !== undefined && { body: pick(body, KEPT[name] ?? []) }),
  };
  return JSON.parse(JSON.stringify(kept).replaceAll(folder, "/program")) as Fields;
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.filter((name) => fields[name] !== undefined).map((name) => [name, short(name, fields[name])]),
  );
}

/** The first frames, with what tells the place; threads with their names. */
function short(name: string, value: unknown): unknown {
  if (name === "threads") return (value as readonly Fields[]).map((thread) => pick(thread, ["id", "name"]));
  if (name !== "stackFrames") return value;
  return (value as readonly Fields[]).slice(0, 2).map((frame) => ({
    ...pick(frame, ["id", "name", "line", "presentationHint"]),
    ...(frame["source"] !== undefined && { source: pick(frame["source"] as Fields, ["path"]) }),
  }));
}
