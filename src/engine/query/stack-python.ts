import { framesOf, frameOf, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/** One traceback of a chain. */
interface Block {
  /** 0 for the chain itself, larger for an exception within a group. */
  readonly depth: number;
  readonly lines: StackLine[];
}

/**
 * The frames of Python's tracebacks (the `traceback` module): the most recent call is the last, and of a chain the
 * exception that was recorded is the last. So the order is: the last traceback from its end, its causes, then the
 * exceptions within a group, which stand behind margins of `|`.
 */
export const readPythonStack: StackReader = (lines) => {
  const blocks: Block[] = [{ depth: 0, lines: [] }];
  for (const line of lines) {
    const header = HEADER.exec(line.text);
    if (header !== null) blocks.push({ depth: depthOf(header[1] ?? ""), lines: [] });
    blocks.at(-1)?.lines.push(line);
  }
  const chain = blocks.filter(({ depth }) => depth === 0).reverse();
  const grouped = blocks.filter(({ depth }) => depth > 0).sort((one, other) => one.depth - other.depth);
  return [...chain, ...grouped].flatMap((block) => framesOf(block.lines, readFrame).reverse());
};

const HEADER = /^([\s|+]*)(?:Exception Group )?Traceback \(most recent call last\):/;
const FRAME = /^[\s|+]*(File "(.+)", line (\d{1,9}))(?:, in (.+))?$/;

/** A group's own traceback stands behind `+`, that of an exception in it behind as many columns as it is deep. */
function depthOf(margin: string): number {
  return margin.includes("+") ? 0 : margin.lastIndexOf("|") + 1;
}

function readFrame(line: StackLine): StackFrame | undefined {
  // Cheaper than the expression for the lines of source and carets, which are most.
  if (!line.text.includes('File "')) return undefined;
  const match = FRAME.exec(line.text);
  const path = match?.[2];
  if (match === null || path === undefined || path.startsWith("<")) return undefined;
  return frameOf(line, match[1] ?? "", {
    path,
    line: Number(match[3]),
    functionName: match[4] === "<module>" ? undefined : match[4],
    isLibrary: LIBRARY.test(path),
  });
}

/** Installed packages, the standard library of an interpreter, and the debugger. */
const LIBRARY =
  /[\\/](?:site-packages|dist-packages|lib-dynload|debugpy|pydevd|lib(?:64)?[\\/]python\d[\d.]*t?|python\d+\.zip|Python\d+[\\/]Lib|Lib[\\/](?:asyncio|concurrent|threading\.py|unittest))(?:[\\/]|$)|^\/var\/runtime\//;
