import { Script } from "node:vm";

/** The name by which the debugger's other end knows the frame. */
const functionName = "spanlightStop";

/**
 * A script of its own, since V8 ignores `debugger` in files that the debugger skips, and the agent's file is one: from
 * here a single step out leads past all of the agent to the code that called it.
 */
const source = `// A span breakpoint was hit, and no code of yours was running: it is
// in what the call stack shows below, behind the asynchronous calls.
(function ${functionName}() {
  debugger;
})`;

let compiled: (() => void) | undefined;

/** Stops the program if a debugger is attached; else nothing happens. */
export function stopHere(): void {
  compiled ??= new Script(source, {
    filename: "spanlight-span-breakpoint.js",
  }).runInThisContext() as () => void;
  compiled();
}
