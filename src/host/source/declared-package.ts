/** Languages whose files say which package or namespace they belong to, by extension. */
const DECLARATION: Readonly<Record<string, RegExp>> = {
  java: /^\s*package\s+([\w.]+)\s*;/m,
  kt: /^\s*package\s+([\w.`]+)/m,
  kts: /^\s*package\s+([\w.`]+)/m,
  scala: /^\s*package\s+([\w.]+)/m,
  groovy: /^\s*package\s+([\w.]+)/m,
  php: /^\s*namespace\s+([\w\\]+)\s*[;{]/m,
};

/** A declaration stands at the top, after a licence at most. */
const HEAD_LENGTH = 16 * 1024;

/** Whether files of this extension declare their package. */
export function declaresPackages(extension: string): boolean {
  return extension in DECLARATION;
}

/** Whether a file's text says that it belongs to this package, or to one below which the rest are classes (`Outer.Inner`). */
export function declaresPackage(text: string, extension: string, packageName: readonly string[]): boolean {
  const declared = DECLARATION[extension]?.exec(text.slice(0, HEAD_LENGTH))?.[1];
  if (declared === undefined) return packageName.length === 0;
  const parts = declared.replaceAll("`", "").split(/[.\\]/);
  return parts.join(".").toLowerCase() === packageName.join(".").toLowerCase();
}
