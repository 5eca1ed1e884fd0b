import { CodeIndex } from "../src/engine/query/code-index.ts";
import { runAtOnce } from "../src/engine/query/slices.ts";
import { errorLines, lineNotes, notedFunctions } from "../src/host/editor/file-notes.ts";
import { MovingLines } from "../src/host/editor/moving-lines.ts";
import { lensWords } from "../src/host/editor/note-words.ts";
import { notedOperations } from "../src/host/editor/noted-operations.ts";
import { storeOf } from "../test/unit/engine/query/filled-store.ts";
import { budgeted, type Suite } from "./row.ts";
import { quickest } from "./stored.ts";

const PATH = "/home/dev/shop/src/routes.ts";
const HANDLERS = 200;
const LINES_A_HANDLER = 20;
const FUNCTION = 11;

/** What an editor does when traces have changed: a file of 200 handlers with two calls each, in two runs, edited meanwhile. */
export const lensSuite: Suite = {
  title: "lens",
  run: ({ quick }) => {
    const perHandler = quick ? 10 : 50;
    const store = storeOf(
      Array.from({ length: HANDLERS * perHandler * 3 }, (_, n) => {
        const handler = n % HANDLERS;
        const part = Math.floor(n / HANDLERS) % 3;
        return {
          trace: 1 + (n % 250),
          id: 1 + (n % 251),
          run: n % 7 < 3 ? 1 : 2,
          startMs: n,
          endMs: n + (n % 97),
          error: n % 31 === 0,
          name: part === 0 ? `GET /route/${handler}` : "GET",
          kind: part === 0 ? 2 : 3,
          attributes: {
            "code.file.path": PATH,
            "code.line.number": 1 + handler * LINES_A_HANDLER + part * 3,
          },
        };
      }),
    );
    const index = new CodeIndex(store);
    const symbols = Array.from({ length: HANDLERS }, (_, handler) => ({
      name: `route${handler}`,
      kind: FUNCTION,
      range: { start: { line: handler * LINES_A_HANDLER }, end: { line: handler * LINES_A_HANDLER + 18 } },
    }));
    const lines = new MovingLines();
    for (let n = 0; n < 100; n++)
      lines.edited([{ start: n * 40, end: n * 40, delta: 1, keepsHead: true, keepsTail: false }], 1);
    const read = (): number => {
      const operations = notedOperations(runAtOnce(index.read({ path: PATH })), ({ line }) =>
        lines.now(line - 1, 0),
      );
      const functions = notedFunctions(operations, symbols, new Set([FUNCTION]));
      const words = functions.flatMap((noted) => noted.operations.map(lensWords));
      return words.length + lineNotes(operations).length + errorLines(operations).length;
    };
    if (read() < HANDLERS * 3) throw new Error("The file has fewer notes than handlers and calls.");
    return Promise.resolve([
      budgeted({
        name: `lenses and notes of a file with ${HANDLERS} handlers, from index to words`,
        value: quickest(read, 9),
        unit: "ms",
        better: "lower",
        budget: 50,
      }),
    ]);
  },
};
