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

/** The package that a file's text says it belongs to, in lower case with dots between the parts; undefined for none. */
export function declaredPackage(text: string, extension: string): string | undefined {
  const declared = DECLARATION[extension]?.exec(text.slice(0, HEAD_LENGTH))?.[1];
  return declared?.replaceAll("`", "").replaceAll("\\", ".").toLowerCase();
}
