/**
 * Names that an ES module (or its TypeScript source) exports with a binding that never changes: functions, classes,
 * constants, lists and the default. A name that is missed is re-exported as it is, so that looking at the text is enough.
 */
export function exportNames(source: string): string[] {
  const names = new Set<string>();
  for (const match of source.matchAll(
    /^\s*export\s+(?:async\s+)?(?:function\s*\*?|class|abstract\s+class|const)\s+([\w$]+)/gm,
  )) {
    if (match[1] !== undefined) names.add(match[1]);
  }
  for (const match of source.matchAll(/^\s*export\s*\{([^}]*)\}/gm)) {
    for (const item of (match[1] ?? "").split(",")) {
      const name = /^\s*(?!type\s)[\w$]+(?:\s+as\s+([\w$]+))?\s*$/.exec(item);
      if (name !== null) names.add(name[1] ?? item.trim());
    }
  }
  if (/^\s*export\s+default\b/m.test(source)) names.add("default");
  return [...names];
}
