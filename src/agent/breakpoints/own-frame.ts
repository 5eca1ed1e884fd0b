import { isUserFile } from "../source/user-file.ts";

/** Enough to look through a framework's layers; a stop is rare and may cost. */
const maxFrames = 100;

/** Whether a function of the person is being executed further up the stack; one that awaits does not count, as nothing returns to it. */
export function isCalledByProgram(): boolean {
  const limit = Error.stackTraceLimit;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is only put back
  const programs = Error.prepareStackTrace;
  let found = false;
  try {
    Error.stackTraceLimit = maxFrames;
    Error.prepareStackTrace = (_error, frames) => {
      found = frames.some((frame) => {
        const name = frame.getFileName();
        return typeof name === "string" && !frame.isAsync() && isUserFile(name);
      });
      return "";
    };
    Reflect.get(new Error(), "stack");
  } finally {
    Error.prepareStackTrace = programs;
    Error.stackTraceLimit = limit;
  }
  return found;
}
