import { exportNames } from "./export-names.ts";

/** How wrappers reach the agent in the program's thread; see EsmBridge. */
export const bridgeKey = "spanlight.agent.modules.esm";
/** What wrappers begin with, so that the hook lets their own imports through. */
const prefix = "data:text/javascript,/*spanlight*/";

export function isWrapper(url: string): boolean {
  return url.startsWith(prefix);
}

/**
 * A module to import in place of `url`: it imports the real one, has the agent change a copy of its exports, and exports
 * those. The real file keeps its text and its URL, so that debuggers recognise it. Undefined where nothing is exported by name.
 */
export function wrapperUrl(url: string, source: string): string | undefined {
  const names = exportNames(source);
  if (names.length === 0) return undefined;
  const real = JSON.stringify(url);
  const bindings = names.map((name, index) =>
    name === "default"
      ? `export default m.default;`
      : `const b${String(index)}=m[${JSON.stringify(name)}];export{b${String(index)} as ${name}};`,
  );
  const code =
    `import*as r from ${real};export*from ${real};` +
    `const m=globalThis[Symbol.for(${JSON.stringify(bridgeKey)})](${real},r);${bindings.join("")}`;
  return prefix + encodeURIComponent(code);
}
