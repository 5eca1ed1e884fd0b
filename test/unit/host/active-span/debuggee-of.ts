import type { Debuggee } from "../../../../src/host/active-span/debuggee.ts";

/** A debuggee that answers `evaluate` by a table from expression to result, and refuses what it does not hold. */
export function evaluating(table: (expression: string) => unknown): Debuggee {
  return {
    request(command, { expression }) {
      const result = command === "evaluate" ? table(String(expression)) : undefined;
      return result === undefined
        ? Promise.reject(new Error("evaluation failed"))
        : Promise.resolve(typeof result === "string" ? { result } : result);
    },
  };
}
