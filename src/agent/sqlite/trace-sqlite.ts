import { SpanKind, type Span, type Tracer } from "@opentelemetry/api";

import { wrapMethod } from "../handlers/wrap-method.ts";
import { activeContext } from "../spans/active-context.ts";
import { recordFailure } from "../spans/record-failure.ts";

/** Longer statements are cut: they are generated, and the beginning tells which one it is. */
const maxStatementLength = 8 * 1024;

/** Spans for the synchronous SQLite drivers, node:sqlite and better-sqlite3, whose interfaces are nearly the same. */
export class SqliteTracer {
  readonly #tracer: () => Tracer;
  readonly #active: () => boolean;
  readonly #patchedPrototypes = new WeakSet<object>();
  readonly #statements = new WeakMap<
    object,
    { readonly sql: string; readonly location: string | undefined }
  >();

  constructor(tracer: () => Tracer, active: () => boolean) {
    this.#tracer = tracer;
    this.#active = active;
  }

  /** `prepare` remembers the text for its statement, `exec` runs it at once. `location` gives the file of a database. */
  patchDatabase(prototype: unknown, location: (database: object) => string | undefined): void {
    const statements = this.#statements;
    const run = this.#run.bind(this);
    const patchStatement = this.#patchStatement.bind(this);
    wrapMethod(prototype, "prepare", (original) => {
      return function prepare(this: unknown, ...args: unknown[]) {
        const statement = original.apply(this, args);
        if (typeof statement === "object" && statement !== null) {
          patchStatement(Object.getPrototypeOf(statement) as object);
          statements.set(statement, { sql: String(args[0]), location: location(this as object) });
        }
        return statement;
      };
    });
    wrapMethod(prototype, "exec", (original) => {
      return function exec(this: unknown, ...args: unknown[]) {
        return run(String(args[0]), location(this as object), () => original.apply(this, args));
      };
    });
  }

  /** A driver's statement class is not exported everywhere; it is met with the first statement. */
  #patchStatement(prototype: object): void {
    if (this.#patchedPrototypes.has(prototype)) return;
    this.#patchedPrototypes.add(prototype);
    const statements = this.#statements;
    const run = this.#run.bind(this);
    const start = this.#start.bind(this);
    for (const name of ["run", "get", "all"]) {
      wrapMethod(prototype, name, (original) => {
        return function query(this: unknown, ...args: unknown[]) {
          const known = statements.get(this as object);
          if (known === undefined) return original.apply(this, args);
          return run(known.sql, known.location, () => original.apply(this, args));
        };
      });
    }
    wrapMethod(prototype, "iterate", (original) => {
      return function iterate(this: unknown, ...args: unknown[]) {
        const known = statements.get(this as object);
        const rows = original.apply(this, args);
        if (known === undefined || typeof rows !== "object" || rows === null) return rows;
        const span = start(known.sql, known.location);
        return span === undefined ? rows : endAfterLastRow(rows as Iterator<unknown>, span);
      };
    });
  }

  #run(sql: string, location: string | undefined, query: () => unknown): unknown {
    const span = this.#start(sql, location);
    if (span === undefined) return query();
    try {
      return query();
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Database client span of the semantic conventions (db.system.name "sqlite"). */
  #start(sql: string, location: string | undefined): Span | undefined {
    if (!this.#active()) return undefined;
    const statement = sql.length > maxStatementLength ? sql.slice(0, maxStatementLength) : sql;
    const operation = /^\s*(\w+)/.exec(statement)?.[1]?.toUpperCase();
    return this.#tracer().startSpan(
      operation === undefined ? "sqlite" : `${operation} sqlite`,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          "db.system.name": "sqlite",
          "db.query.text": statement,
          ...(operation === undefined ? {} : { "db.operation.name": operation }),
          ...(location === undefined ? {} : { "db.namespace": location }),
        },
      },
      activeContext(),
    );
  }
}

/** The iterator itself goes to the program; only its steps are watched. */
function endAfterLastRow(rows: Iterator<unknown>, span: Span): unknown {
  wrapMethod(rows, "next", (original) => {
    return function next(this: unknown, ...args: unknown[]) {
      try {
        const step = original.apply(this, args) as IteratorResult<unknown>;
        if (step.done === true) span.end();
        return step;
      } catch (error) {
        recordFailure(span, error);
        span.end();
        throw error;
      }
    };
  });
  wrapMethod(rows, "return", (original) => {
    return function finish(this: unknown, ...args: unknown[]) {
      span.end();
      return original.apply(this, args);
    };
  });
  return rows;
}
