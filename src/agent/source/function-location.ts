import { captureStack, firstUserFrame, type CapturedStack, type GeneratedPosition } from "./call-site.ts";
import { importedFiles, programFiles } from "./program-files.ts";
import { isCompiledByLoader, loadedUserFiles, runningSource } from "./source-map.ts";

/** A function of the program, whatever it takes. */
export type ProgramFunction = (...args: never[]) => unknown;

const registrations = new WeakMap<ProgramFunction, CapturedStack>();
const files = new WeakMap<ProgramFunction, string>();
const locations = new WeakMap<ProgramFunction, { readonly position: GeneratedPosition | undefined }>();

/** Remembers where a framework was given `handler`; the first time counts. `below` is the agent's function that was called. */
export function rememberRegistration(handler: unknown, below: ProgramFunction): void {
  if (typeof handler !== "function") return;
  const key = handler as ProgramFunction;
  if (!registrations.has(key)) registrations.set(key, captureStack(below));
}

/** Says which file a function comes from, where that is known. */
export function rememberFile(definition: ProgramFunction, file: string): void {
  files.set(definition, file);
}

/**
 * Where a function is defined. V8 tells this only to debuggers, so the function's own text is looked up in the file
 * that registered it, then in the modules it imports and in all CommonJS files of the person; where that
 * fails, the line that registered it stands in. Undefined for functions of dependencies.
 */
export function functionPosition(definition: ProgramFunction): GeneratedPosition | undefined {
  const known = locations.get(definition);
  if (known !== undefined) return known.position;
  const position = locate(definition);
  locations.set(definition, { position });
  return position;
}

function locate(definition: ProgramFunction): GeneratedPosition | undefined {
  const text = Function.prototype.toString.call(definition);
  const stack = registrations.get(definition);
  const registered = stack === undefined ? undefined : firstUserFrame(stack);
  if (text.endsWith("{ [native code] }")) return registered;
  const name = definition.name === "" ? undefined : definition.name;
  const ownFile = files.get(definition);
  if (ownFile !== undefined) return findText(ownFile, text, name, undefined) ?? findByName(ownFile, name);
  if (registered !== undefined) {
    const found = findText(registered.file, text, name, registered.line);
    if (found !== undefined) return found;
    for (const file of importedFiles(registered.file)) {
      const imported = findText(file, text, name, undefined);
      if (imported !== undefined) return imported;
    }
  }
  for (const file of [...loadedUserFiles(), ...programFiles()]) {
    const found = findText(file, text, name, undefined);
    if (found !== undefined) return found;
  }
  return (registered === undefined ? undefined : findByName(registered.file, name)) ?? registered;
}

/** For text that a loader changed: a declaration of that name, in the registering file or in what it imports. */
function findByName(registeringFile: string, name: string | undefined): GeneratedPosition | undefined {
  if (name === undefined || !/^[\w$]+$/.test(name)) return undefined;
  const declaration = new RegExp(
    `\\b(?:function\\s*\\*?|const|let|var)\\s+${name.replaceAll("$", "\\$")}\\b`,
  );
  for (const file of [registeringFile, ...importedFiles(registeringFile)]) {
    const source = runningSource(file);
    const at = source?.search(declaration) ?? -1;
    if (source === undefined || at < 0) continue;
    return { file, functionName: name, original: isCompiledByLoader(file), ...lineAndColumn(source, at) };
  }
  return undefined;
}

/** The occurrence of `text` that is nearest to `nearLine`, or the first one. */
function findText(
  file: string,
  text: string,
  functionName: string | undefined,
  nearLine: number | undefined,
): GeneratedPosition | undefined {
  const source = runningSource(file);
  if (source === undefined) return undefined;
  const original = isCompiledByLoader(file);
  let best: GeneratedPosition | undefined;
  for (
    let at = source.indexOf(text), tries = 0;
    at >= 0 && tries < 50;
    at = source.indexOf(text, at + 1), tries++
  ) {
    const position = { file, functionName, original, ...lineAndColumn(source, at) };
    if (nearLine === undefined) return position;
    if (best === undefined || Math.abs(position.line - nearLine) < Math.abs(best.line - nearLine))
      best = position;
  }
  return best;
}

function lineAndColumn(source: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = source.indexOf("\n"); at >= 0 && at < offset; at = source.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
