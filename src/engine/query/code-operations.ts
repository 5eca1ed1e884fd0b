import type { CodeEvidence, CodeRole, CodeSource } from "../../model/code-index.ts";
import type { RunNumber, SessionId } from "../../model/ids.ts";
import { SPAN_KINDS, type SpanKind } from "../../model/span.ts";

/** What spans of one name, service and run do at one line; the unit that an editor shows figures of. */
interface CodeOperation {
  /** As it was received. */
  readonly path: string;
  readonly line: number;
  readonly name: string;
  readonly service: string;
  readonly run: RunNumber;
  readonly session: SessionId | undefined;
  readonly role: CodeRole;
  readonly evidence: CodeEvidence;
}

/** Numbers for operations, in the order in which they are first seen. */
export class CodeOperations {
  readonly #all: CodeOperation[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #ofPath = new Map<string, number[]>();
  readonly #sources = new Map<string, CodeSource>();

  get count(): number {
    return this.#all.length;
  }

  /** Every path that was received. */
  get paths(): Iterable<string> {
    return this.#ofPath.keys();
  }

  /** The files of all operations, in the order in which they were first seen. */
  get sources(): Iterable<CodeSource> {
    return this.#sources.values();
  }

  get(number: number): CodeOperation | undefined {
    return this.#all[number];
  }

  ofPath(path: string): readonly number[] {
    return this.#ofPath.get(path) ?? [];
  }

  numberOf(operation: CodeOperation): number {
    const { path, line, name, service, run, role, evidence } = operation;
    const key = `${line} ${run} ${role} ${evidence} ${path.length} ${service.length} ${path}${service}${name}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#all.push(operation) - 1;
    this.#numbers.set(key, number);
    const ofPath = this.#ofPath.get(path);
    if (ofPath === undefined) this.#ofPath.set(path, [number]);
    else ofPath.push(number);
    const source = `${run} ${path.length} ${path}${service}`;
    if (!this.#sources.has(source))
      this.#sources.set(source, {
        path,
        service,
        run,
        session: operation.session,
      });
    return number;
  }
}

const ROLES: Readonly<Partial<Record<SpanKind, CodeRole>>> = {
  server: "handles",
  consumer: "handles",
  client: "calls",
  producer: "calls",
};

/** By index of the kind. */
export const ROLE_OF_KIND: readonly CodeRole[] = SPAN_KINDS.map((kind) => ROLES[kind] ?? "runs");
