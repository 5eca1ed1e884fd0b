import { messageOf } from "../base/result.ts";
import { version } from "../../package.json";
import { convert } from "./convert.ts";
import { complain, EXIT, Failure, type ExitCode } from "./failure.ts";
import { HELP } from "./help.ts";
import { serve } from "./serve.ts";
import { summary } from "./summary.ts";

type Commands = Readonly<Record<string, (args: readonly string[]) => Promise<ExitCode>>>;

const COMMANDS: Commands = { serve, convert, summary };

/** Runs the command line and answers with the exit code. Never throws. */
export async function run(
  [name, ...args]: readonly string[],
  commands: Commands = COMMANDS,
): Promise<ExitCode> {
  // Whoever reads may stop before the end, `head` for example.
  process.stdout.on("error", () => process.exit(EXIT.output));
  const asked = [name, ...args];
  if (asked.includes("--help") || asked.includes("-h")) return print(HELP);
  if (name === "--version") return print(`${version}\n`);
  try {
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new Failure(EXIT.usage, unknownCommand(name));
    return await command(args);
  } catch (thrown) {
    complain(messageOf(thrown));
    if (thrown instanceof Failure) return thrown.exitCode;
    return isUsageError(thrown) ? EXIT.usage : EXIT.fault;
  }
}

function print(text: string): ExitCode {
  process.stdout.write(text);
  return EXIT.done;
}

function unknownCommand(name: string | undefined): string {
  return `${name === undefined ? "no command is given" : `there is no command ${name}`}; see spanlight --help`;
}

/** What `parseArgs` throws. */
function isUsageError(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "string" &&
    thrown.code.startsWith("ERR_PARSE_ARGS")
  );
}
