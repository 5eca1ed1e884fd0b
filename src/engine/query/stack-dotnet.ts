import { framesOf, frameOf, type StackFrame, type StackLine, type StackReader } from "./stack-text.ts";

/**
 * The frames of .NET's `Exception.ToString()`: `at Shop.Cart.Add(String id) in /src/Cart.cs:line 12`, in the languages
 * that the framework speaks, and Mono's and Unity's forms. Inner exceptions are printed first; the exception that was
 * recorded is what follows the last "End of inner exception stack trace".
 */
export const readDotnetStack: StackReader = (lines) => {
  const blocks: StackLine[][] = [[]];
  for (const line of lines) {
    blocks.at(-1)?.push(line);
    if (/^\s*--- .*---$/.test(line.text) && !ASYNC_BOUNDARY.test(line.text)) blocks.push([]);
  }
  return blocks.reverse().flatMap((block) => framesOf(block, readFrame));
};

/** Printed between the parts of one asynchronous stack. */
const ASYNC_BOUNDARY = /previous location|vorherigen|précédent|anterior|предыдущ|先前|上一/i;
/** The word for "line" is another one in each language, Mono has none. */
const LINE = /:(?:[\p{L}\p{M}]{1,12} )?(\d{1,9})\.?\)?$/u;
const IN = /\)(?: \[0x[\da-f]+\])? \(?\p{L}{1,8} (?=\S)/u;

function readFrame(line: StackLine): StackFrame | undefined {
  const { text } = line;
  const number = LINE.exec(text);
  const before = IN.exec(text);
  if (number === null || before === null || !/^\s*\S{1,6} \S/.test(text)) return undefined;
  const pathStart = before.index + before[0].length;
  if (pathStart >= number.index) return undefined;
  const path = text.slice(pathStart, number.index);
  if (!/\.\w{1,10}$/.test(path)) return undefined;
  const functionName = text
    .slice(0, before.index)
    .trim()
    .replace(/^\S+ /, "")
    .replace(/\s*\(.*$/, "");
  return frameOf(line, text.slice(pathStart, number.index + number[0].length), {
    path,
    line: Number(number[1]),
    functionName: plainName(functionName),
    isLibrary: LIBRARY.test(path) || FRAMEWORK.test(functionName),
  });
}

/** `Shop.Cart.<AddAsync>d__5.MoveNext` is the state machine that the compiler made of `AddAsync`. */
function plainName(name: string): string {
  return name.replace(/\.?<(\w+)>[a-z]__\w*(?:`\d+)?(?:\.MoveNext)?$/, ".$1");
}

const LIBRARY =
  /^\/_\d?\/|[\\/]\.nuget[\\/]packages[\\/]|[\\/]dotnet[\\/](?:shared|sdk)[\\/]|[\\/]UnityEngine/;
const FRAMEWORK =
  /^(?:System|Microsoft\.(?:AspNetCore|EntityFrameworkCore|Extensions|Data|CSharp)|OpenTelemetry|Npgsql|Newtonsoft|Grpc|StackExchange|Xunit|NUnit|UnityEngine|Polly|MediatR|Dapper)\./;
