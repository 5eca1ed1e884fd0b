import type { SearchClause } from "./search-text.ts";

/** Whether a number meets an ordered comparison, or an equality. */
export function compare(value: number, clause: Pick<SearchClause, "operator" | "number">): boolean {
  switch (clause.operator) {
    case "=":
      return value === clause.number;
    case ">":
      return value > clause.number;
    case ">=":
      return value >= clause.number;
    case "<":
      return value < clause.number;
    case "<=":
      return value <= clause.number;
    case "exists":
      return true;
  }
}
