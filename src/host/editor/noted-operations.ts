import type { CodeIndexEntry } from "../../model/code-index.ts";

/** What is shown of an operation at a line of an editor. */
export interface NotedOperation {
  readonly entry: CodeIndexEntry;
  /** Where its line is now, from 0. */
  readonly line: number;
  /** How many times as long as in the run before its 95th percentile is; undefined where there is too little to tell. */
  readonly slowdown: number | undefined;
}

/** With fewer spans a percentile tells of chance. */
const MIN_COMPARED = 5;
/** Nobody cares for microseconds, whatever their ratio. */
const MIN_DIFFERENCE_NS = 1e6;

/**
 * What an editor shows of a file: of each operation its latest run. Earlier runs are compared with only; their lines may
 * be those of a text that is no more.
 * @param lineNow where an entry's line is now, from 0; undefined where it was deleted.
 */
export function notedOperations<Entry extends CodeIndexEntry>(
  entries: readonly Entry[],
  lineNow: (entry: Entry) => number | undefined,
  isCleared: (run: number) => boolean = () => false,
): readonly NotedOperation[] {
  const noted: NotedOperation[] = [];
  for (const same of groupedBy(entries, operationKey).values()) {
    const latest = highestRun(same);
    if (isCleared(latest)) continue;
    const before = same.filter(({ run }) => run !== latest && run > 0);
    const lastRun = highestRun(before);
    const last = before.filter(({ run }) => run === lastRun);
    const lastAt = new Map(last.map((entry) => [lineNow(entry), entry]));
    for (const entry of same) {
      const line = entry.run === latest ? lineNow(entry) : undefined;
      if (line === undefined) continue;
      const peer = lastAt.get(line) ?? (last.length === 1 ? last[0] : undefined);
      noted.push({ entry, line, slowdown: peer && slowdownOf(entry, peer) });
    }
  }
  return noted.sort((one, other) => one.line - other.line || other.entry.count - one.entry.count);
}

function operationKey({ role, service, operation }: CodeIndexEntry): string {
  return `${role} ${service.length} ${service}${operation}`;
}

function highestRun(entries: readonly CodeIndexEntry[]): number {
  return entries.reduce((highest, { run }) => Math.max(highest, run), 0);
}

function slowdownOf(now: CodeIndexEntry, before: CodeIndexEntry): number | undefined {
  if (Math.min(now.count, before.count) < MIN_COMPARED) return undefined;
  if (now.p95Ns === undefined || before.p95Ns === undefined || before.p95Ns <= 0 || now.p95Ns <= 0)
    return undefined;
  return Math.abs(now.p95Ns - before.p95Ns) < MIN_DIFFERENCE_NS ? 1 : now.p95Ns / before.p95Ns;
}

/** In the order in which the keys are first seen. */
export function groupedBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
