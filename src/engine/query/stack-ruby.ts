import { framesOf, frameOf, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/**
 * The frames of Ruby's backtraces (`Exception#full_message`): ``/srv/cart.rb:12:in `add'`` and, since 3.4,
 * `/srv/cart.rb:12:in 'Cart#add'`. Older versions print to a terminal with the most recent call last.
 */
export const readRubyStack: StackReader = (lines) => {
  const frames = framesOf(lines, readFrame);
  const isReversed = lines.some(({ text }) =>
    /^\s*(?:\S+:\s)?Traceback \(most recent call last\):/.test(text),
  );
  return isReversed ? frames.reverse() : frames;
};

/** Before the place: indentation, `from`, or `2: from` in the reversed form. */
const PREFIX = /^\s*(?:\d+:\s)?\s*(?:from )?/;
/** The path without its drive, whose colon is none of those that separate. */
const FRAME = /^((?:[A-Za-z]:)?[^:]+:(\d{1,9})):in [`']([^']+)'/;
const WITHOUT_METHOD =
  /^\s*(?:\d+:\s)?\s*from ((?:[A-Za-z]:)?[^:]+\.(?:rb|ru|rake|erb|haml|slim):(\d{1,9}))$/;

function readFrame(line: StackLine): StackFrame | undefined {
  const { text } = line;
  const match = FRAME.exec(text.replace(PREFIX, "")) ?? WITHOUT_METHOD.exec(text);
  const printed = match?.[1];
  if (match === null || printed === undefined) return undefined;
  const path = printed.slice(0, printed.lastIndexOf(":"));
  if (path.startsWith("(") || path.startsWith("<")) return undefined;
  const functionName = match[3]?.replace(/^(?:block|rescue|ensure)(?: \(\d+ levels\))? in /, "");
  return frameOf(line, printed, {
    path,
    line: Number(match[2]),
    functionName: functionName?.startsWith("<") === true ? undefined : functionName,
    isLibrary: LIBRARY.test(path),
  });
}

/** Gems, wherever a version manager puts them, and the standard library. */
const LIBRARY =
  /[\\/]gems[\\/]|[\\/]lib[\\/]ruby[\\/]|[\\/]vendor[\\/](?:bundle|cache|ruby)[\\/]|[\\/]bundler[\\/]|[\\/]rubies[\\/][^\\/]*[\\/]lib[\\/]|[\\/](?:bin|exe)[\\/](?:rails|rake|bundle|irb|puma|rspec|ruby|rackup|sidekiq)$/;
