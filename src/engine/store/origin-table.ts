import { END, WireReader } from "../../base/wire-reader.ts";
import type { RunNumber } from "../../model/ids.ts";
import type { BatchEnvelope, ByteRange } from "../../model/span-batch.ts";

/** Which request spans came with. */
export interface BatchOrigin {
  /** The session's id; undefined for what arrived outside any session. */
  readonly session: string | undefined;
  readonly run: RunNumber;
  readonly channel: "http" | "grpc" | "agent" | "file" | "debugger";
  /** The agent's connection, on its channel only. */
  readonly connection?: number | undefined;
}

/** What spans of one scope of one sender have in common. Messages are kept as they came. */
export interface SpanOrigin extends BatchOrigin {
  readonly service: string;
  /** A Resource message. */
  readonly resource: Uint8Array;
  readonly resourceSchemaUrl: string;
  /** An InstrumentationScope message. */
  readonly scope: Uint8Array;
  readonly scopeSchemaUrl: string;
}

/** The origins of the spans that are held, counted: one that no row refers to is forgotten. */
export class OriginTable {
  readonly #origins: (SpanOrigin | undefined)[] = [];
  readonly #keys: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #uses: number[] = [];
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  get(number: number): SpanOrigin | undefined {
    return this.#origins[number];
  }

  /** All origins by their number, with gaps. */
  get all(): readonly (SpanOrigin | undefined)[] {
    return this.#origins;
  }

  /** The number of the origin of a batch's scope. It has to be used or {@link release}d by the caller, to whom it counts as one use. */
  acquire(batch: BatchEnvelope, scopeIndex: number, from: BatchOrigin): number {
    const scope = batch.scopes[scopeIndex];
    const resource = scope && batch.resources[scope.resource];
    const parts = [resource?.message, resource?.schemaUrl, scope?.message, scope?.schemaUrl];
    const texts = parts.map((range) => latin1(batch.body, range));
    const lengths = texts.map((text) => text.length).join();
    const key = [from.session ?? "", from.run, from.channel, from.connection ?? "", lengths, ...texts].join(
      "\n",
    );
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      this.use(known);
      return known;
    }
    const message = copyOf(batch.body, resource?.message);
    const number = this.#free.pop() ?? this.#origins.length;
    this.#origins[number] = {
      ...from,
      service: serviceOf(message),
      resource: message,
      resourceSchemaUrl: utf8.decode(copyOf(batch.body, resource?.schemaUrl)),
      scope: copyOf(batch.body, scope?.message),
      scopeSchemaUrl: utf8.decode(copyOf(batch.body, scope?.schemaUrl)),
    };
    this.#keys[number] = key;
    this.#numbers.set(key, number);
    this.#uses[number] = 1;
    this.#byteLength += weightOf(key);
    return number;
  }

  /** Forgets all origins, whoever uses them. */
  clear(): void {
    this.#origins.length = 0;
    this.#keys.length = 0;
    this.#numbers.clear();
    this.#free.length = 0;
    this.#uses.length = 0;
    this.#byteLength = 0;
  }

  use(number: number): void {
    this.#uses[number] = (this.#uses[number] ?? 0) + 1;
  }

  release(number: number): void {
    const uses = (this.#uses[number] ?? 0) - 1;
    this.#uses[number] = uses;
    if (uses > 0) return;
    const key = this.#keys[number] ?? "";
    this.#byteLength -= weightOf(key);
    this.#numbers.delete(key);
    this.#keys[number] = "";
    this.#origins[number] = undefined;
    this.#free.push(number);
  }
}

/** What a service is called whose resource does not say. */
export const UNKNOWN_SERVICE = "unknown_service";

/** The key, its bytes once more in the messages, and the objects around them. */
function weightOf(key: string): number {
  return key.length * 2 + 400;
}

function latin1(bytes: Uint8Array, range: ByteRange | undefined): string {
  if (range === undefined || range.start === range.end) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset + range.start, range.end - range.start).toString(
    "latin1",
  );
}

function copyOf(bytes: Uint8Array, range: ByteRange | undefined): Uint8Array {
  return range === undefined ? new Uint8Array(0) : bytes.slice(range.start, range.end);
}

/** The string attribute `service.name` of a Resource message. */
function serviceOf(resource: Uint8Array): string {
  const reader = new WireReader();
  reader.reset(resource, 0, resource.length);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (tag !== 0x0a) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const end = reader.enter();
    if (end < 0) break;
    const name = serviceOfAttribute(resource, reader.position, end);
    if (name !== undefined && name !== "") return name;
    reader.position = end;
  }
  return UNKNOWN_SERVICE;
}

function serviceOfAttribute(bytes: Uint8Array, start: number, end: number): string | undefined {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  let isService = false;
  let value: string | undefined;
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if ((tag !== 0x0a && tag !== 0x12) || reader.limit < reader.position) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const inner = reader.enter();
    if (inner < 0) break;
    if (tag === 0x0a) isService = utf8.decode(bytes.subarray(reader.position, inner)) === "service.name";
    else {
      const field = new WireReader();
      field.reset(bytes, reader.position, inner);
      if (field.next() === 0x0a) {
        const textEnd = field.enter();
        if (textEnd >= 0) value = utf8.decode(bytes.subarray(field.position, textEnd));
      }
    }
    reader.position = inner;
  }
  return isService ? value : undefined;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
